// The web client's script, from which its version is read: whatever comes instead of it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "gateway/client_version/service_worker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const std::string_view script = as_text(ByteView(data, size));
  const auto found = gateway::revision_in(script);
  if (found && (*found < 1'000'000'000 || *found > 1'999'999'999)) std::abort();
  if (found && script.find(std::to_string(*found)) == std::string_view::npos) std::abort();
  // What stands before it changes nothing, as long as it names none.
  if (gateway::revision_in("\"client_revision\":7," + std::string(script)) != found) std::abort();
  return 0;
}
