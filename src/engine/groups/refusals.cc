#include "engine/groups/refusals.h"

namespace pigeond::engine {

Error group_refusal(const Error& error) {
  if (error.cause != Cause::ack_error) return error;
  const auto as = [&](Cause cause, const char* why) {
    Error out = fail(cause, why, error.code);
    out.retry_after = error.retry_after;
    return out;
  };
  switch (error.code) {
    case 400:
    case 406:
      return as(Cause::bad_input, "WhatsApp does not take that value");
    case 401:
    case 403:
      return as(Cause::forbidden, "the account is not in the group, or only its admins may do that");
    case 404:
      return as(Cause::not_found, "there is no such group");
    case 409:
      return as(Cause::too_late, "somebody else has changed it at the same time");
    case 429:
      return as(Cause::rate_limited, "too many requests about groups");
    case 500:
    case 503:
      return as(Cause::service_trouble, "WhatsApp has trouble with it");
    default:
      return error;
  }
}

}  // namespace pigeond::engine
