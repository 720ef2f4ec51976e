// A session's config as a caller sends it: any text is either refused or kept, and what is kept reads the
// same again.
#include <cstdlib>

#include "base/bytes.h"
#include "gateway/session_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const auto config = gateway::parse_session_config(as_text({data, size}));
  if (!config) return 0;
  const auto again = gateway::parse_session_config(config->raw);
  if (!again || again->webhooks.size() != config->webhooks.size()) std::abort();
  for (const auto& webhook : config->webhooks) gateway::subscribes(webhook, "message");
  return 0;
}
