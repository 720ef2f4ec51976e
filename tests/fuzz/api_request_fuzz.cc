// A request to any operation, as a stranger with a key may make it: the first line is its query, the second
// its path's last segment, the rest its body. What its fields are is read, or refused with the name of what
// is wrong.
#include <cstdlib>

#include "api/waha/operations.h"
#include "base/bytes.h"
#include "net/http/router.h"
#include "net/http/target.h"

namespace {

using namespace pigeond;

std::string_view line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto operations = api::waha::operations({"1", [] { return api::Json::object(); }, nullptr});
  std::string_view text = as_text({data, size});
  net::HttpRequest request;
  request.method = "POST";
  const auto query = std::string(line(text));
  if (!net::parse_http_target("/?" + query, request)) return 0;
  const auto segment = std::string(line(text));
  request.body = std::string(text);
  for (const auto& operation : operations) {
    for (const auto& field : operation.in->all())
      if (api::places_of(operation, field) == api::schema::kPath) request.params[field.name] = segment;
    const auto input = operation.make_input();
    const auto read = api::read_request(operation, request, input.get());
    if (!read && (read.error().detail.empty() || read.error().cause == Cause::internal)) std::abort();
    request.params.clear();
  }
  return 0;
}
