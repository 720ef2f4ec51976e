// A call of sendText: whatever the body and the header hold, it is refused or within the limits.
#include <cstdlib>

#include "api/waha/text_request.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  if (size == 0) return 0;
  const std::string_view rest = as_text({data + 1, size - 1});
  const std::size_t key = std::min<std::size_t>(data[0] % 8u, rest.size());
  net::HttpRequest http;
  if (key > 0) http.headers.emplace("idempotency-key", rest.substr(0, key));
  http.body = rest.substr(key);
  const auto request = api::waha::parse_text_request(http);
  if (!request) {
    if (request.cause() != Cause::bad_input || request.error().detail.empty()) std::abort();
    return 0;
  }
  if (request->text.empty() || !is_valid_utf8(request->text) || request->text.size() > 4 * limits::kText)
    std::abort();
  if (request->to.empty() || request->session.empty() || request->expires_in < 0) std::abort();
  for (const auto& mention : request->mentions)
    if (!mention.is_user()) std::abort();
  return 0;
}
