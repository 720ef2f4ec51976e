// The control API's JSON: what goes out, and checked reading of what comes in.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http/message.h"
#include "sandbox/options.h"
#include "sandbox/service.h"

namespace pigeond::sandbox {

using Json = nlohmann::ordered_json;

// An answer for somebody who asked wrongly.
struct Refusal {
  int status = 400;
  std::string error;
  std::string field;  // empty: none in particular
};

// Fields of a request's JSON object. The first thing wrong sticks.
class Body {
 public:
  explicit Body(const std::string& text);

  std::string text(const char* name, bool required = false);
  std::optional<std::int64_t> number(const char* name, std::int64_t least, std::int64_t most);
  bool flag(const char* name, bool otherwise);
  std::vector<std::string> texts(const char* name);  // required: a non-empty array of strings
  void reject(const std::string& field, const std::string& why);
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  const Json* find(const char* name);
  Json object_;
  std::optional<Refusal> refusal_;
};

// "+49171" and "49171@s.whatsapp.net" name the same account as "49171".
std::string phone_of(std::string text);

net::HttpReply reply(int status, const Json& json);
net::HttpReply reply_nothing();
net::HttpReply reply(const Refusal& refusal);
// A service's error; its detail begins with the field it is about.
net::HttpReply reply(const Error& error);

Json endpoints_json(const Endpoints& endpoints);
Json account_json(const Account& account);
Json message_json(const PhoneMessage& message);
Json fault_json(const Fault& fault);
Json violation_json(const Violation& violation);
Json trace_json(const TraceEntry& entry);

}  // namespace pigeond::sandbox
