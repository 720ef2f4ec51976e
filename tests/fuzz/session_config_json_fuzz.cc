// A session's config as a caller sends it: any text is either refused or kept, and what is kept reads the
// same again.
#include <cstdlib>

#include "api/waha/config/session_config.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const auto config = api::waha::parse_session_config(as_text({data, size}));
  if (!config) return 0;
  const auto again = api::waha::parse_session_config(config->raw);
  if (!again || again->webhooks.size() != config->webhooks.size()) std::abort();
  const auto stored = api::waha::read_stored_config(config->raw);
  if (!stored || !net::same_way(stored->proxy, config->proxy)) std::abort();
  return 0;
}
