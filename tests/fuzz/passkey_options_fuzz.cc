// The options that a service asks a passkey for: any bytes are refused, or become options that read the same
// again.
#include <cstdlib>

#include "base/text.h"
#include "engine/pairing/passkey_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const auto options = engine::read_passkey_options({data, size});
  if (!options) return 0;
  const auto again = engine::read_passkey_options(as_bytes(*options));
  if (!again || *again != *options || !is_valid_utf8(*options)) std::abort();
  return 0;
}
