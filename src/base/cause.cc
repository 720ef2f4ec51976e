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
    case Cause::ack_error:
      return "ack_error";
    case Cause::no_ack:
      return "no_ack";
    case Cause::link_lost:
      return "link_lost";
    case Cause::timed_out:
      return "timed_out";
    case Cause::cancelled:
      return "cancelled";
    case Cause::rate_limited:
      return "rate_limited";
    case Cause::storage:
      return "storage";
    case Cause::io:
      return "io";
    case Cause::resolve:
      return "resolve";
    case Cause::tls:
      return "tls";
    case Cause::shutting_down:
      return "shutting_down";
    case Cause::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace pigeond
