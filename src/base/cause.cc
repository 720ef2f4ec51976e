#include "base/cause.h"

namespace pigeond {

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::bad_input:
      return "bad_input";
    case Cause::too_large:
      return "too_large";
    case Cause::malformed:
      return "malformed";
    case Cause::unsupported:
      return "unsupported";
    case Cause::bad_signature:
      return "bad_signature";
    case Cause::bad_mac:
      return "bad_mac";
    case Cause::untrusted_identity:
      return "untrusted_identity";
    case Cause::no_session:
      return "no_session";
    case Cause::no_sender_key:
      return "no_sender_key";
    case Cause::invalid_key_id:
      return "invalid_key_id";
    case Cause::duplicate_message:
      return "duplicate_message";
    case Cause::invalid_message:
      return "invalid_message";
    case Cause::not_found:
      return "not_found";
    case Cause::already_exists:
      return "already_exists";
    case Cause::not_linked:
      return "not_linked";
    case Cause::connecting:
      return "connecting";
    case Cause::logged_out:
      return "logged_out";
    case Cause::banned:
      return "banned";
    case Cause::outdated:
      return "outdated";
    case Cause::replaced:
      return "replaced";
    case Cause::not_on_whatsapp:
      return "not_on_whatsapp";
    case Cause::no_devices:
      return "no_devices";
    case Cause::media_failed:
      return "media_failed";
    case Cause::no_ack:
      return "no_ack";
    case Cause::link_lost:
      return "link_lost";
    case Cause::timed_out:
      return "timed_out";
    case Cause::cancelled:
      return "cancelled";
    case Cause::expired:
      return "expired";
    case Cause::too_late:
      return "too_late";
    case Cause::rate_limited:
      return "rate_limited";
    case Cause::ack_error:
      return "ack_error";
    case Cause::bad_request:
      return "bad_request";
    case Cause::not_authorized:
      return "not_authorized";
    case Cause::forbidden:
      return "forbidden";
    case Cause::unknown_address:
      return "unknown_address";
    case Cause::not_allowed:
      return "not_allowed";
    case Cause::device_gone:
      return "device_gone";
    case Cause::stale_addressing:
      return "stale_addressing";
    case Cause::token_missing:
      return "token_missing";
    case Cause::reachout_locked:
      return "reachout_locked";
    case Cause::chats_capped:
      return "chats_capped";
    case Cause::stanza_refused:
      return "stanza_refused";
    case Cause::service_trouble:
      return "service_trouble";
    case Cause::not_a_member:
      return "not_a_member";
    case Cause::admins_only:
      return "admins_only";
    case Cause::storage:
      return "storage";
    case Cause::io:
      return "io";
    case Cause::resolve:
      return "resolve";
    case Cause::network_denied:
      return "network_denied";
    case Cause::tls:
      return "tls";
    case Cause::proxy:
      return "proxy";
    case Cause::shutting_down:
      return "shutting_down";
    case Cause::internal:
      return "internal";
  }
  return "internal";
}

Cause cause_named(std::string_view name) {
  for (int value = 0; value < static_cast<int>(Cause::internal); ++value)
    if (cause_name(static_cast<Cause>(value)) == name) return static_cast<Cause>(value);
  return Cause::internal;
}

}  // namespace pigeond
