// Why something did not work: one list from the wire to the HTTP answer. Each surface maps a cause to its own
// envelope; none invents another.
#pragma once

#include <string_view>

namespace pigeond {

enum class Cause {
  // input
  bad_input,  // a caller's value is missing, mistyped or out of range; Error::field or Error::detail names it
  too_large,  // over a limit of base/limits.h
  malformed,  // bytes from the wire that do not parse
  unsupported,  // valid, but nothing here handles it
  // identity and trust
  bad_signature,       // a certificate, an ADV identity or a signed pre-key failed its check
  bad_mac,             // an AEAD tag or HMAC does not match
  untrusted_identity,  // another identity key than the one known
  // Signal
  no_session,
  no_sender_key,
  invalid_key_id,  // a one-time pre-key that is not (or no longer) here
  duplicate_message,
  invalid_message,
  // sessions of the gateway
  not_found,
  already_exists,
  not_linked,  // the session has no account, or does not work
  connecting,  // nothing is wrong: it is on its way
  logged_out,  // the account removed this device, or refused it for good
  banned,
  outdated,  // client version refused (405)
  replaced,  // another connection took this device's place
  // sending
  not_on_whatsapp,
  no_devices,
  media_failed,  // the media could not be fetched, prepared or uploaded
  no_ack,        // nothing came back in time
  link_lost,
  timed_out,
  cancelled,
  expired,       // not sent within the time its sender gave it
  too_late,      // what was to be changed has happened
  rate_limited,  // 429, or too much at once
  // the service's refusals; Error::code has its number. What a message's mean:
  // engine/messages/out/send_causes.h
  ack_error,         // with a number that nobody has explained
  bad_request,       // 400
  not_authorized,    // 401
  forbidden,         // 403
  unknown_address,   // 404
  not_allowed,       // 405
  device_gone,       // 406
  stale_addressing,  // 421
  token_missing,     // 463: no privacy token that counts
  reachout_locked,   // 463: this account may not start chats for a time
  chats_capped,      // 475: no new chats before the cycle ends
  stanza_refused,    // 479
  service_trouble,   // 408, 500, 503
  not_a_member,      // of the group
  admins_only,       // write in this group
  // this machine
  storage,         // SQLite or the disk
  io,              // socket or file
  resolve,         // DNS
  network_denied,  // an address to which the configuration lets nothing go
  tls,
  proxy,  // what connections are to go through can't be reached, refuses, or is no proxy
  shutting_down,
  internal,
};

// The name as it goes into logs and answers, e.g. "not_linked".
std::string_view cause_name(Cause cause);
// The other way; internal for a name that nobody has.
Cause cause_named(std::string_view name);

}  // namespace pigeond
