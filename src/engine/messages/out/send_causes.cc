#include "engine/messages/out/send_causes.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace pigeond::engine {
namespace {

using enum Remedy;

// The service explains none of its numbers; the meanings are what public clients and their users found. Of
// the causes of one number the first is what it means as long as nothing else is known.
constexpr SendCause kRefusals[] = {
    // PN and LID devices in one stanza, or a mapping that is no longer true
    {400, Cause::bad_request, Scope::chat, renew_chat, Suspicion::one_chat,
     "the service refused the message as malformed for this recipient"},
    {401, Cause::not_authorized, Scope::session, restart, Suspicion::one_chat,
     "the service does not accept this login for sending"},
    // to some numbers, and passes after an hour or two
    {403, Cause::forbidden, Scope::chat, none, Suspicion::several_chats,
     "the service forbids messages to this recipient for now"},
    {404, Cause::unknown_address, Scope::chat, renew_chat, Suspicion::several_chats,
     "the service does not know this address"},
    {405, Cause::not_allowed, Scope::chat, none, Suspicion::several_chats,
     "the service does not allow messages to this recipient"},
    {406, Cause::device_gone, Scope::chat, renew_chat, Suspicion::one_chat,
     "a device of the recipient is no longer registered"},
    {408, Cause::service_trouble, Scope::session, wait, Suspicion::one_chat, "the service took too long"},
    {413, Cause::too_large, Scope::message, none, Suspicion::none, "the message is too large"},
    {421, Cause::stale_addressing, Scope::chat, renew_chat, Suspicion::one_chat,
     "the recipient is addressed in a form that is out of date"},
    {429, Cause::rate_limited, Scope::session, back_off, Suspicion::none,
     "the service asks for fewer messages"},
    {463, Cause::token_missing, Scope::chat, present_token, Suspicion::none,
     "the service wants a privacy token of the recipient"},
    {463, Cause::reachout_locked, Scope::account, none, Suspicion::none,
     "this account may start no new chats for now"},
    {475, Cause::chats_capped, Scope::account, none, Suspicion::none,
     "this account has used up its new chats; wait for the next cycle"},
    // the stanza's validation; seen with device sessions and mappings that are out of date
    {479, Cause::stanza_refused, Scope::chat, renew_chat, Suspicion::one_chat,
     "the service refused the message's form"},
    {500, Cause::service_trouble, Scope::session, wait, Suspicion::one_chat, "the service has an error"},
    {503, Cause::service_trouble, Scope::session, wait, Suspicion::one_chat, "the service is unavailable"},
};

constexpr SendCause kOthers[] = {
    {0, Cause::no_ack, Scope::link, reconnect, Suspicion::one_chat,
     "the service never acknowledged the message"},
    {0, Cause::link_lost, Scope::link, reconnect, Suspicion::none, "the link was lost"},
    {0, Cause::timed_out, Scope::session, wait, Suspicion::one_chat, "the service did not answer in time"},
    {0, Cause::no_devices, Scope::chat, renew_chat, Suspicion::none, "the recipient has no device with keys"},
    {0, Cause::no_session, Scope::chat, renew_chat, Suspicion::none, "there are no keys for the recipient"},
    {0, Cause::untrusted_identity, Scope::chat, renew_chat, Suspicion::none, "the recipient's keys changed"},
    {0, Cause::not_on_whatsapp, Scope::chat, none, Suspicion::none, "the number is not on WhatsApp"},
    {0, Cause::not_a_member, Scope::chat, none, Suspicion::none, "this account is not in the group"},
    {0, Cause::admins_only, Scope::chat, none, Suspicion::none, "only admins may write in this group"},
    {0, Cause::media_failed, Scope::message, none, Suspicion::none, "the media could not be sent"},
    {0, Cause::too_large, Scope::message, none, Suspicion::none, "the message is too large"},
    {0, Cause::expired, Scope::message, none, Suspicion::none, "the message was not sent within its time"},
    {0, Cause::cancelled, Scope::message, none, Suspicion::none, "the message was taken back"},
    {0, Cause::logged_out, Scope::account, none, Suspicion::none, "the account removed this device"},
    {0, Cause::banned, Scope::account, none, Suspicion::none, "the account is banned"},
};

constexpr SendCause kUnknown = {0,    Cause::ack_error,         Scope::chat,
                                none, Suspicion::several_chats, "the service refused the message"};

Error explained(const SendCause& row, int code) {
  const std::string number = code == 0 ? std::string() : " (" + std::to_string(code) + ")";
  return fail(row.cause, std::string(row.text) + number, code);
}

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::message:
      return "message";
    case Scope::chat:
      return "chat";
    case Scope::link:
      return "link";
    case Scope::session:
      return "session";
    case Scope::account:
      return "account";
  }
  return "message";
}

std::string_view remedy_name(Remedy remedy) {
  switch (remedy) {
    case none:
      return "none";
    case renew_chat:
      return "renew_chat";
    case present_token:
      return "present_token";
    case wait:
      return "wait";
    case back_off:
      return "back_off";
    case reconnect:
      return "reconnect";
    case restart:
      return "restart";
  }
  return "none";
}

const SendCause& send_cause_of(int code) {
  const auto* row = std::find_if(std::begin(kRefusals), std::end(kRefusals),
                                 [code](const SendCause& each) { return each.code == code; });
  return row == std::end(kRefusals) ? kUnknown : *row;
}

const SendCause& send_cause_of(Cause cause) {
  for (const SendCause& row : kOthers)
    if (row.cause == cause) return row;
  for (const SendCause& row : kRefusals)
    if (row.cause == cause) return row;
  return kUnknown;
}

const SendCause& send_cause_of(const Error& error) {
  for (const SendCause& row : kRefusals)
    if (row.code == error.code && row.cause == error.cause) return row;
  return error.code != 0 ? send_cause_of(error.code) : send_cause_of(error.cause);
}

Error unacknowledged() {
  return fail(Cause::no_ack, std::string(send_cause_of(Cause::no_ack).text));
}

Error trouble_named(std::string_view cause, int code) {
  return explained(send_cause_of(fail(cause_named(cause), {}, code)), code);
}

Error refused_with(int code) {
  return explained(send_cause_of(code), code);
}

}  // namespace pigeond::engine
