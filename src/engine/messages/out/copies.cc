#include "engine/messages/out/copies.h"

#include "base/log.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reporting_token.h"
#include "engine/messages/kinds/stanza_look.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kContextInfo = 35, kSecret = 3;

}  // namespace

void add_copies(Desk& desk, const std::vector<wire::Jid>& devices, ByteView message, const StanzaLook& look,
                Copies& copies) {
  for (const auto& device : devices) {
    auto ciphertext = desk.ciphers.encrypt(device, padded(message, desk.context.random));
    if (!ciphertext) {
      log::warning("device_left_out", {{"session", desk.context.session_name},
                                       {"device", device.text()},
                                       {"cause", std::string(cause_name(ciphertext.cause()))}});
      continue;
    }
    const bool pkmsg = ciphertext->kind == signal::Kind::pkmsg;
    copies.first_contact = copies.first_contact || pkmsg;
    wire::Node enc("enc");
    enc.set("v", "2").set("type", pkmsg ? "pkmsg" : "msg");
    show_on_enc(enc, look);
    enc.body(std::move(ciphertext->bytes));
    wire::Node to("to");
    to.set("jid", device);
    to.add(std::move(enc));
    copies.participants.add(std::move(to));
    copies.made.push_back(device);
  }
}

wire::Node identity_node(const Desk& desk) {
  wire::Node identity("device-identity");
  identity.body(desk.context.credentials.device_identity);
  return identity;
}

std::optional<wire::Node> reporting_node(const std::string& id, const wire::Jid& own, const wire::Jid& chat,
                                         ByteView content) {
  const auto context = find_field(content, kContextInfo);
  const auto secret = context ? find_field(*context, kSecret) : std::nullopt;
  if (!secret || secret->size() != 32) return std::nullopt;
  const Bytes counted = reporting_content(content);
  if (counted.empty()) return std::nullopt;
  const Key32 key = reporting_key(*secret, id, own.without_device().text(), chat.without_device().text());
  wire::Node token("reporting_token");
  token.set("v", "2");
  token.body(ByteView(reporting_token(key, counted)));
  wire::Node reporting("reporting");
  reporting.add(std::move(token));
  return reporting;
}

}  // namespace pigeond::engine
