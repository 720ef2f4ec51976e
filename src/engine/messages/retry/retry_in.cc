#include "engine/messages/retry/retry_in.h"

#include <algorithm>

#include "base/log.h"
#include "engine/messages/identity/key_bundles.h"
#include "engine/messages/in/source.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/padding.h"

namespace pigeond::engine {
namespace {

constexpr int kMostCount = 5;  // a request with this count is the asker's last sign of despair: not answered
constexpr int kMostResends = 5;  // of one message to one device, whatever it counts
constexpr int kBaseKeyCheck = 2;

}  // namespace

void RetryIn::handle(const wire::Node& receipt) {
  learn_pairs(desk_, receipt);
  auto request = read(receipt);
  if (!request) return;
  auto record = desk_.retries.resent(request->id, request->device);
  if (request->count >= kMostCount || record.count >= kMostResends) {
    log::warning("retry_refused", {{"session", desk_.context.session_name},
                                   {"id", request->id},
                                   {"device", request->device.text()},
                                   {"count", std::to_string(request->count)}});
    return;
  }
  ++record.count;
  const bool usable = mend_session(receipt, *request, record);
  desk_.retries.set_resent(request->id, request->device, record);
  if (usable) return resend(*request);
  setup_.fetch({request->device}, SessionSetup::Existing::replace,
               [this, request = *request](const Status& status) {
                 if (status) resend(request);
               });
}

std::optional<RetryIn::Request> RetryIn::read(const wire::Node& receipt) {
  const auto from = receipt.jid("from");
  const auto* retry = receipt.child("retry");
  if (!from || retry == nullptr) return std::nullopt;
  Request request;
  request.id = receipt.attr("id");
  request.device = receipt.jid("participant").value_or(*from);
  request.chat = *from;
  const bool own = desk_.lids.is_own(request.device);
  if (own && !from->is_group()) request.chat = receipt.jid("recipient").value_or(*from);
  request.chat = request.chat.without_device();
  request.count = static_cast<int>(std::min<std::uint64_t>(retry->number("count").value_or(1), 99));
  for (const auto& row : desk_.messages.heads(request.id)) {
    if (!row.from_me || !row.from_api) continue;
    if (!(row.chat == request.chat || desk_.lids.same_user(row.chat, request.chat))) continue;
    // Only who was meant to have it: the recipient, or this account itself.
    if (!own && !desk_.lids.same_user(row.chat, request.device)) continue;
    const auto devices = desk_.devices.devices(request.device.without_device());
    const bool listed =
        !devices || std::any_of(devices->begin(), devices->end(), [&](const wire::Jid& device) {
          return device.device == request.device.device;
        });
    if (!listed || desk_.lids.is_this_device(request.device)) continue;
    request.message = row.seq;
    request.timestamp = row.timestamp;
    return request;
  }
  log::info("retry_unknown", {{"session", desk_.context.session_name}, {"id", request.id}});
  return std::nullopt;
}

bool RetryIn::mend_session(const wire::Node& receipt, const Request& request,
                           store::Retries::Resent& record) {
  Ciphers& ciphers = desk_.ciphers;
  if (receipt.child("keys") != nullptr) {
    const auto bundle = parse_retry_keys(receipt);
    const Status started = bundle ? ciphers.start(request.device, *bundle) : Status(bundle.error());
    if (started) return true;
    log::warning("retry_keys_refused", {{"session", desk_.context.session_name},
                                        {"device", request.device.text()},
                                        {"cause", std::string(cause_name(started.cause()))}});
  }
  if (!ciphers.has_session(request.device)) return false;
  const auto claimed = read_registration(receipt);
  if (claimed && claimed != ciphers.registration_id(request.device)) return false;
  // The same session again at the third request: it is broken, though both sides have it.
  if (request.count == kBaseKeyCheck) record.base_key = ciphers.base_key(request.device);
  if (request.count > kBaseKeyCheck && record.base_key && record.base_key == ciphers.base_key(request.device))
    return false;
  return true;
}

void RetryIn::resend(const Request& request) {
  const bool own = desk_.lids.is_own(request.device);
  const Bytes content = desk_.messages.content(request.message);
  const Bytes plaintext = own ? device_sent(request.chat, content) : content;
  auto ciphertext = desk_.ciphers.encrypt(request.device, padded(plaintext, desk_.context.random));
  if (!ciphertext) {
    log::warning("retry_failed", {{"session", desk_.context.session_name},
                                  {"device", request.device.text()},
                                  {"cause", std::string(cause_name(ciphertext.cause()))}});
    return;
  }
  const StanzaLook look = look_of(content);
  wire::Node stanza("message");
  stanza.set("id", request.id)
      .set("to", request.device)
      .set("type", std::string(look.type))
      .set("device_fanout", "false");
  stanza.set("t", static_cast<std::uint64_t>(request.timestamp));
  if (own) stanza.set("recipient", request.chat);
  const bool pkmsg = ciphertext->kind == signal::Kind::pkmsg;
  wire::Node enc("enc");
  enc.set("v", "2")
      .set("type", pkmsg ? "pkmsg" : "msg")
      .set("mediatype", std::string(look.media_type))
      .set("count", static_cast<std::uint64_t>(request.count));
  enc.body(std::move(ciphertext->bytes));
  stanza.add(std::move(enc));
  if (pkmsg) {
    wire::Node identity("device-identity");
    identity.body(desk_.context.credentials.device_identity);
    stanza.add(std::move(identity));
  }
  desk_.stanzas.send(stanza);
}

}  // namespace pigeond::engine
