#include "app/session_words.h"

namespace pigeond::app {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string own_id(const Json& session) {
  const auto me = session.find("me");
  return me != session.end() ? text_of(*me, "id") : std::string();
}

std::string cause_of(const Json& session) {
  const auto cause = session.find("cause");
  if (cause == session.end()) return {};
  const auto detail = text_of(*cause, "detail");
  return text_of(*cause, "name") + (detail.empty() ? "" : ": " + detail);
}

std::string standing_of(const std::string& name, const Json& session) {
  const auto cause = cause_of(session);
  return name + " is " + text_of(session, "status") + (cause.empty() ? "" : " (" + cause + ")");
}

}  // namespace pigeond::app
