#include "api/reply.h"

#include "net/http/connection/reply_writer.h"

namespace pigeond::api {

net::HttpReply json_reply(int status, const Json& body) {
  return {status, "application/json", dump(body) + "\n", {}};  // a terminal's prompt begins on the next line
}

net::HttpReply json_reply(int status, JsonText body) {
  return {status, "application/json", body.take() + "\n", {}};
}

net::HttpReply empty_reply(int status) {
  return {status, "application/json", {}, {}};
}

// What the status line says, but for two that WAHA's clients know in the words of RFC 7231.
std::string_view reason_phrase(int status) {
  switch (status) {
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    default:
      return net::http_reason(status);
  }
}

namespace {

Json envelope(int status, std::string_view message) {
  Json body;
  if (status == 400) {
    body["statusCode"] = status;
    body["message"] = Json::array({std::string(message)});
    body["error"] = reason_phrase(status);
  } else {
    body["message"] = message;
    body["error"] = reason_phrase(status);
    body["statusCode"] = status;
  }
  return body;
}

}  // namespace

std::string error_body(int status, std::string_view message) {
  Json body = envelope(status, message.empty() ? reason_phrase(status) : message);
  if (status == 400) body["cause"] = cause_name(Cause::bad_input);
  if (status == 404) body["cause"] = cause_name(Cause::not_found);
  return dump(body) + "\n";
}

net::HttpReply error_reply(int status, std::string_view message) {
  return {status, "application/json", error_body(status, message), {}};
}

int http_status(const Error& error) {
  switch (error.cause) {
    case Cause::bad_input:
      return 400;
    case Cause::too_large:
      return 413;
    case Cause::not_found:
      return 404;
    case Cause::unsupported:
      return 501;
    case Cause::already_exists:
    case Cause::not_linked:
    case Cause::logged_out:
    case Cause::banned:
    case Cause::outdated:
    case Cause::replaced:
    case Cause::not_on_whatsapp:
    case Cause::no_devices:
    case Cause::media_failed:
    case Cause::forbidden:
    case Cause::unknown_address:
    case Cause::not_allowed:
    case Cause::not_a_member:
    case Cause::admins_only:
    case Cause::token_missing:
      return 422;
    case Cause::rate_limited:
    case Cause::reachout_locked:
    case Cause::chats_capped:
      return 429;
    case Cause::ack_error:
    case Cause::bad_request:
    case Cause::not_authorized:
    case Cause::device_gone:
    case Cause::stale_addressing:
    case Cause::stanza_refused:
    case Cause::service_trouble:
      return 502;
    case Cause::no_ack:
    case Cause::timed_out:
    case Cause::expired:
      return 504;
    case Cause::cancelled:
    case Cause::too_late:
      return 409;
    case Cause::link_lost:
    case Cause::storage:
    case Cause::io:
    case Cause::resolve:
    case Cause::tls:
    case Cause::proxy:
    case Cause::shutting_down:
      return 503;
    default:
      return 500;
  }
}

std::string_view advice(Cause cause) {
  switch (cause) {
    case Cause::logged_out:
      return "link the account again: scan a new QR";
    case Cause::replaced:
      return "end the other program that uses this session's keys; the session tries again by itself, and at "
             "once "
             "when it is started";
    case Cause::banned:
      return "look at the account on its phone; no program can lift a ban";
    case Cause::outdated:
      return "a newer version is looked up and tried by itself, unless one is configured; GET /health says "
             "how "
             "that stands";
    case Cause::proxy:
      return "look at the session's config.proxy: without it nothing goes to WhatsApp; it is tried again by "
             "itself";
    case Cause::not_on_whatsapp:
    case Cause::unknown_address:
      return "check the number";
    case Cause::forbidden:
    case Cause::not_allowed:
      return "try again in some hours; write only to people who know this number";
    case Cause::not_a_member:
      return "have the account added to the group";
    case Cause::admins_only:
      return "have the account made an admin of the group";
    case Cause::token_missing:
      return "wait until the recipient has written first";
    case Cause::reachout_locked:
      return "wait until the lock ends: trying again makes it longer; who has written before can be answered";
    case Cause::chats_capped:
      return "wait for the next cycle, or write to people who have written before";
    case Cause::rate_limited:
      return "send less, later";
    case Cause::no_ack:
    case Cause::bad_request:
    case Cause::not_authorized:
    case Cause::device_gone:
    case Cause::stale_addressing:
    case Cause::stanza_refused:
      return "if every chat has it: restart the session; if that does not help, look at the account on its "
             "phone, and link it again";
    case Cause::service_trouble:
      return "wait: WhatsApp itself has trouble";
    case Cause::storage:
      return "GET /health says what ails the disk or the database; ask again when that is mended";
    case Cause::link_lost:
      return "ask again in a moment: the link is made anew by itself";
    case Cause::io:
      return "look whether this machine reaches WhatsApp; that is tried again by itself";
    case Cause::resolve:
      return "look at this machine's DNS; that is tried again by itself";
    case Cause::tls:
      return "look at this machine's clock, and at [whatsapp] ca_file; that is tried again by itself";
    case Cause::shutting_down:
      return "ask again in some seconds, when pigeond has been started anew";
    default:
      return {};
  }
}

namespace {

// Whoever refuses because the process ends, of all the rooms that may, knows only that; when it will be there
// again is known here.
constexpr Millis kRestartTime = 5 * kSecond;

Millis wait_before_retry(const Error& error) {
  if (error.retry_after == 0 && error.cause == Cause::shutting_down) return kRestartTime;
  return error.retry_after;
}

}  // namespace

net::HttpReply failure_reply(const Error& error, const Json& more) {
  const int status = http_status(error);
  Json body =
      envelope(status, error.detail.empty() ? cause_name(error.cause) : std::string_view(error.detail));
  body["cause"] = cause_name(error.cause);
  if (error.code != 0) body["code"] = error.code;
  // What is wrong with a message that is named does not pass with time, as a refused send does.
  const bool of_message = error.cause == Cause::forbidden &&
                          (error.field == pigeond::Field::target || error.field == pigeond::Field::poll);
  if (const auto hint = advice(error.cause); !hint.empty() && !of_message) body["hint"] = hint;
  body.update(more);
  net::HttpReply reply = json_reply(status, body);
  if (const Millis wait = wait_before_retry(error); wait > 0)
    reply.headers.emplace_back("Retry-After", std::to_string((wait + kSecond - 1) / kSecond));
  return reply;
}

}  // namespace pigeond::api
