// GraphQL over XMPP, as the web client calls it "mex": queries that the service keeps under a number, with
// JSON both ways. <iq xmlns="w:mex"><query query_id=N>{"variables":{...}}</query></iq>
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/node.h"

namespace pigeond::engine {

wire::Node mex_query(std::string_view query_id, std::string_view variables_json);

// The members of the object `root` in an answer's data, as texts: numbers and booleans as they are written,
// null and nested ones left out.
class MexObject {
 public:
  // The answer to a query. malformed, or ack_error when the service tells errors instead of data.
  static Result<MexObject> from_answer(const wire::Node& answer, std::string_view root);
  // <notification type="mex"><update op_name=...>{"data":{root:{...}}}</update>; nullopt: of another root.
  static std::optional<MexObject> from_notification(const wire::Node& notification, std::string_view root);

  std::string text(std::string_view name) const;     // "" if absent
  std::int64_t number(std::string_view name) const;  // 0 if absent, negative or none
  bool flag(std::string_view name) const;

 private:
  static Result<MexObject> parse(ByteView json, std::string_view root);
  std::vector<std::pair<std::string, std::string>> members_;
};

}  // namespace pigeond::engine
