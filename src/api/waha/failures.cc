#include "api/waha/failures.h"

#include "api/reply.h"
#include "api/waha/names.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

std::string reason(const Error& error) {
  const std::string name(cause_name(error.cause));
  return error.detail.empty() ? name : name + ": " + error.detail;
}

std::string_view name_of(Field field) {
  switch (field) {
    case Field::none:
      break;
    case Field::recipient:
      return "chatId";
    case Field::message_id:
      return "id";
    case Field::answered:
      return "reply_to";
    case Field::request_key:
      return "Idempotency-Key";
    case Field::session_name:
      return "name";
    case Field::webhook:
      return "url";
    case Field::target_webhook:
      return "toUrl";
    case Field::phone_number:
      return "phoneNumber";
    case Field::target:
      return "messageId";
    case Field::poll:
      return "pollMessageId";
    case Field::options:
      return "votes";
  }
  return {};
}

// Refused for what the account may not do: with the limit, in the shape in which WAHA shows it.
net::HttpReply limit_failure(const Result<gateway::SessionInfo>& info, const Error& error, Json more) {
  if (!info || !info->me) return failure_reply(error, more);
  if (error.cause == Cause::chats_capped)
    more["messageCapping"] = capping(info->me->capping);
  else
    more["reachoutTimelock"] = timelock(info->me->timelock);
  return failure_reply(error, more);
}

}  // namespace

Error named(Error error) {
  if (const auto name = name_of(error.field); !name.empty())
    error.detail = std::string(name) + ": " + error.detail;
  return error;
}

net::HttpReply session_failure(gateway::Gateway& gateway, const std::string& session, const Error& error,
                               std::string_view expected_status, const Json& more) {
  return session_failure(gateway.session(session), session, error, expected_status, more);
}

net::HttpReply session_failure(const Result<gateway::SessionInfo>& info, const std::string& session,
                               const Error& error, std::string_view expected_status, const Json& more) {
  Json body;
  if (error.cause == Cause::not_found && error.field == Field::none) {
    body["error"] = "Session \"" + session + "\" does not exist";
    body["session"] = session;
    return json_reply(422, body);
  }
  if (error.cause == Cause::reachout_locked || error.cause == Cause::chats_capped)
    return limit_failure(info, error, more);
  if (error.cause != Cause::not_linked) return failure_reply(named(error), more);
  body["error"] = "Session status is not as expected. Try again later or restart the session";
  body["session"] = session;
  const auto status = info ? info->status : gateway::SessionStatus::stopped;
  const std::string why = status_text(status) + (error.detail.empty() ? "" : ", and " + error.detail);
  body["status"] = status_name(status);
  body["expected"] = Json::array({expected_status});
  body["message"] = why;
  body["cause"] = cause_name(error.cause);
  if (info && info->cause) {
    body["message"] = why + " (" + reason(*info->cause) + ")";
    body["reason"] = cause(*info->cause);
    if (const auto hint = advice(info->cause->cause); !hint.empty()) body["hint"] = hint;
  }
  body.update(more);
  return json_reply(422, body);
}

}  // namespace pigeond::api::waha
