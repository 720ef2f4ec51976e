#include "engine/messages/retry/retry_out.h"

#include "base/log.h"
#include "engine/messages/identity/key_bundles.h"

namespace pigeond::engine {
namespace {

constexpr int kMost = 5;  // what all clients stop at

}  // namespace

RetryReason retry_reason(Cause cause) {
  switch (cause) {
    case Cause::no_session:
    case Cause::no_sender_key:
      return RetryReason::no_session;
    case Cause::invalid_key_id:
      return RetryReason::invalid_key_id;
    case Cause::invalid_message:
    case Cause::malformed:
      return RetryReason::invalid_message;
    case Cause::bad_mac:
      return RetryReason::bad_mac;
    default:
      return RetryReason::unknown;
  }
}

void ask_again(Desk& desk, const wire::Node& message, const Source& source, RetryReason reason,
               bool with_keys, int resend) {
  int count = desk.retries.asked(source.chat, source.sender, source.id) + 1;
  if (count == 1 && resend > 0) count = resend + 1;  // the counter was lost; the sender's was not
  desk.retries.set_asked(source.chat, source.sender, source.id, count, desk.context.server_seconds());
  if (count > kMost) {
    log::warning("message_given_up", {{"session", desk.context.session_name}, {"id", source.id}});
    return;
  }
  wire::Node receipt("receipt");
  receipt.set("id", source.id).set("to", source.from).set("type", "retry");
  for (const char* name : {"participant", "recipient"})
    if (auto jid = message.jid(name)) receipt.set(name, *jid);
  if (source.peer) receipt.set("category", "peer");
  wire::Node retry("retry");
  retry.set("count", static_cast<std::uint64_t>(count)).set("id", source.id);
  retry.set("t", message.attr("t")).set("v", "1");
  if (reason != RetryReason::unknown) retry.set("error", static_cast<std::uint64_t>(reason));
  receipt.add(std::move(retry));
  wire::Node registration("registration");
  registration.body(registration_bytes(desk.context.credentials.registration_id));
  receipt.add(std::move(registration));
  const auto signed_key = desk.ciphers.signed_pre_key();
  if ((count > 1 || with_keys) && signed_key)
    receipt.add(retry_keys(desk.context.credentials.identity.pub, desk.ciphers.spare_pre_key(), *signed_key,
                           desk.context.credentials.device_identity));
  desk.stanzas.send(receipt);
}

}  // namespace pigeond::engine
