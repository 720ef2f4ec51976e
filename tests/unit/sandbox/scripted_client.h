// A client whose every step a test decides: it registers, logs in and encrypts as a companion does, and sends
// whatever stanza it is told to.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "sandbox/phones/phone.h"
#include "sandbox/service.h"
#include "wire/certificate.h"
#include "wire/codec.h"

namespace pigeond::sandbox {

inline Bytes big_endian(std::uint64_t value, unsigned width) {
  Bytes bytes;
  append_be(bytes, value, width);
  return bytes;
}

class ScriptedClient {
 public:
  ScriptedClient(Service& service, Random& random, Instant& now)
      : service_(service),
        random_(random),
        now_(now),
        noise_key(crypto::generate_key_pair(random)),
        identity(crypto::generate_key_pair(random)),
        signed_key(signal::make_signed_pre_key(1, identity, 0, random)),
        store(identity, 4711),
        sessions(store, random) {
    store.save_signed_pre_key(signed_key);
    adv_secret = random.array<32>();
  }

 private:
  Service& service_;
  Random& random_;
  Instant& now_;

 public:
  crypto::KeyPair noise_key, identity;
  signal::SignedPreKey signed_key;
  signal::MemoryStore store;
  signal::Sessions sessions;
  Key32 adv_secret{};
  Bytes device_identity;  // complete, for pkmsg stanzas
  DeviceRef self;
  Key32 root_key{};  // checks the certificates when set
  bool chain_holds = true;

  std::optional<ConnectionId> connection;
  std::vector<wire::Node> received;
  bool closed = false;

  // --- the link ---
  void connect(const wa_ClientPayload& payload) {
    received.clear();
    closed = false;
    transport_.reset();
    noise_ = std::make_unique<wire::NoiseClient>(crypto::generate_key_pair(random_), noise_key);
    payload_ = wire::proto::encode(payload);
    reader_ = std::make_unique<wire::FrameReader>(limits::kFrameBody);
    connection = service_.open(now_);
    Bytes first = wire::stream_intro({});
    const Bytes hello = *wire::frame(noise_->hello());
    first.insert(first.end(), hello.begin(), hello.end());
    service_.receive(now_, *connection, first);
  }
  void disconnect() {
    if (!connection) return;
    service_.closed(now_, *connection);
    connection.reset();
  }
  void take(ByteView bytes) {
    reader_->feed(bytes);
    for (auto body = reader_->next(); body && *body; body = reader_->next()) take_frame(**body);
  }
  void send(const wire::Node& node) {
    ASSERT_TRUE(connection && transport_);
    service_.receive(now_, *connection, *wire::frame(*transport_->seal(wire::encode(node))));
  }

  // --- payloads ---
  wa_ClientPayload registration() const {
    wa_ClientPayload payload = base_payload();
    payload.has_devicePairingData = true;
    auto& data = payload.devicePairingData;
    data.eRegid = big_endian(store_registration_id, 4);
    data.eKeytype = {5};
    data.eIdent = to_bytes(identity.pub);
    data.eSkeyID = big_endian(signed_key.id, 3);
    data.eSkeyVal = to_bytes(signed_key.key.pub);
    data.eSkeySig = to_bytes(signed_key.signature);
    data.buildHash = to_bytes(crypto::md5(as_bytes("2.3000.1234")));
    wa_DeviceProps props{};
    props.os = "scripted";
    data.deviceProps = wire::proto::encode(props);
    return payload;
  }
  wa_ClientPayload login() const {
    wa_ClientPayload payload = base_payload();
    payload.has_username = true;
    payload.username = std::stoull(self.phone);
    payload.has_device = true;
    payload.device = self.number;
    payload.has_passive = true;
    payload.passive = true;
    return payload;
  }

  // --- what came in ---
  const wire::Node* last(std::string_view tag) const {
    for (auto node = received.rbegin(); node != received.rend(); ++node)
      if (node->tag == tag) return &*node;
    return nullptr;
  }
  std::vector<wire::Node> all(std::string_view tag) const {
    std::vector<wire::Node> found;
    for (const auto& node : received)
      if (node.tag == tag) found.push_back(node);
    return found;
  }
  const wire::Node* answer(const std::string& id) const {
    for (const auto& node : received)
      if (node.tag == "iq" && node.is("id", id)) return &node;
    return nullptr;
  }

  // --- pairing ---
  std::string qr() const {
    const wire::Node* ref = last("iq")->path({"pair-device", "ref"});
    return "https://wa.me/settings/linked_devices#" + ref->text() + "," + base64(noise_key.pub) + "," +
           base64(identity.pub) + "," + base64(adv_secret) + ",1";
  }
  wire::Node pair_device_result() const {
    for (const auto& node : received)
      if (node.child("pair-device") != nullptr)
        return wire::Node("iq").set("type", "result").set("id", node.attr("id")).set("to", wire::service());
    return wire::Node("iq");
  }
  // The answer to pair-success, and what this client keeps of it.
  wire::Node pair_device_sign() {
    const wire::Node& success = *last("iq");
    const wire::Node* container_node = success.path({"pair-success", "device-identity"});
    const auto container = *wire::proto::decode<wa_ADVSignedDeviceIdentityHMAC>(container_node->bytes());
    EXPECT_EQ(container.hmac, to_bytes(crypto::hmac_sha256(adv_secret, container.details)));
    auto signed_identity = *wire::proto::decode<wa_ADVSignedDeviceIdentity>(container.details);
    const auto details = *wire::proto::decode<wa_ADVDeviceIdentity>(signed_identity.details);
    account_signature_holds_ = account_signature_holds(signed_identity, identity.pub);
    const Bytes message =
        concat({Bytes{6, 1}, signed_identity.details, identity.pub, signed_identity.accountSignatureKey});
    signed_identity.deviceSignature = to_bytes(crypto::sign(identity.priv, message, random_));
    device_identity = wire::proto::encode(signed_identity);
    signed_identity.accountSignatureKey.clear();
    const auto jid = *success.path({"pair-success", "device"})->jid("jid");
    self = DeviceRef{jid.user, jid.device};
    wire::Node answer("device-identity");
    answer.set("key-index", std::uint64_t{details.keyIndex}).body(wire::proto::encode(signed_identity));
    wire::Node iq("iq");
    iq.set("type", "result").set("id", success.attr("id")).set("to", wire::service());
    return iq.add(wire::Node("pair-device-sign").add(std::move(answer)));
  }
  bool account_signature_held() const { return account_signature_holds_; }

  // --- requests ---
  wire::Node iq(const char* type, const char* xmlns, wire::Node child) {
    wire::Node node("iq");
    node.set("id", "q" + std::to_string(next_iq_++))
        .set("type", type)
        .set("xmlns", xmlns)
        .set("to", wire::service());
    return node.add(std::move(child));
  }
  wire::Node upload(std::uint32_t first, std::size_t count) {
    wire::Node list("list");
    for (const auto& key : signal::make_pre_keys(first, count, random_)) {
      store.save_pre_key(key);
      list.add(wire::Node("key")
                   .add(wire::Node("id").body(big_endian(key.id, 3)))
                   .add(wire::Node("value").body(ByteView(key.key.pub))));
    }
    wire::Node request =
        iq("set", "encrypt", wire::Node("registration").body(big_endian(store_registration_id, 4)));
    return request.add(wire::Node("type").body(Bytes{5}))
        .add(wire::Node("identity").body(ByteView(identity.pub)))
        .add(std::move(list))
        .add(wire::Node("skey")
                 .add(wire::Node("id").body(big_endian(signed_key.id, 3)))
                 .add(wire::Node("value").body(ByteView(signed_key.key.pub)))
                 .add(wire::Node("signature").body(ByteView(signed_key.signature))));
  }
  wire::Node fetch(const wire::Jid& device) {
    return iq("get", "encrypt", wire::Node("key").add(wire::Node("user").set("jid", device)));
  }
  wire::Node active() { return iq("set", "passive", wire::Node("active")); }

  // --- messages ---
  signal::Address address(const wire::Jid& device) const {
    return {service_.world().accounts.at(phone_of(device)).lid + "_1", device.device};
  }
  wire::Node encrypt(const wire::Jid& device, ByteView plaintext) {
    const auto sealed = *sessions.encrypt(address(device), pad(plaintext, random_));
    return wire::Node("enc")
        .set("v", "2")
        .set("type", sealed.kind == signal::Kind::pkmsg ? "pkmsg" : "msg")
        .body(ByteView(sealed.bytes));
  }
  // A text as it has to be: a copy for every device of both sides but this one.
  wire::Node text(const std::string& id, const wire::Jid& to, const std::string& words) {
    wa_Message message{}, wrapper{};
    message.conversation = words;
    wrapper.has_deviceSentMessage = true;
    wrapper.deviceSentMessage.destinationJID = to.text();
    wrapper.deviceSentMessage.message = std::make_unique<wa_Message>();
    wrapper.deviceSentMessage.message->conversation = words;
    const Form form = form_of(to);
    wire::Node participants("participants");
    bool pkmsg = false;
    for (const auto& phone : std::set<std::string>{phone_of(to), self.phone}) {
      const Account& account = service_.world().accounts.at(phone);
      for (const auto& [number, device] : account.devices) {
        if (DeviceRef{phone, number} == self) continue;
        const auto jid = account.jid(form, number);
        auto enc = encrypt(jid, wire::proto::encode(phone == self.phone ? wrapper : message));
        pkmsg = pkmsg || enc.is("type", "pkmsg");
        participants.add(wire::Node("to").set("jid", jid).add(std::move(enc)));
      }
    }
    wire::Node stanza("message");
    stanza.set("id", id).set("to", to).set("type", "text").add(std::move(participants));
    if (pkmsg) stanza.add(wire::Node("device-identity").body(ByteView(device_identity)));
    return stanza;
  }
  // The text in a message that came in, or why there is none.
  std::string read(const wire::Node& stanza) {
    const wire::Node* enc = stanza.child("enc");
    const auto kind = enc->is("type", "pkmsg") ? signal::Kind::pkmsg : signal::Kind::msg;
    const auto plain = sessions.decrypt(address(*stanza.jid("from")), kind, enc->bytes());
    if (!plain) return "cannot decrypt: " + std::string(cause_name(plain.error().cause));
    const auto message = wire::proto::decode<wa_Message>(*unpad(*plain));
    if (!message) return "does not parse";
    if (!message->has_deviceSentMessage) return message->conversation;
    return "to " + message->deviceSentMessage.destinationJID + ": " +
           message->deviceSentMessage.message->conversation;
  }
  wire::Node receipt(const wire::Node& message, const std::string& type = {}) {
    wire::Node node("receipt");
    return node.set("id", message.attr("id")).set("to", *message.jid("from")).set("type", type);
  }

  static constexpr std::uint32_t store_registration_id = 4711;

 private:
  static wa_ClientPayload base_payload() {
    wa_ClientPayload payload{};
    payload.has_userAgent = true;
    payload.userAgent.has_platform = true;
    payload.userAgent.platform = wa_ClientPayload_UserAgent_Platform_WEB;
    payload.userAgent.has_appVersion = true;
    payload.userAgent.appVersion.has_primary = true;
    payload.userAgent.appVersion.primary = 2;
    payload.userAgent.appVersion.has_secondary = true;
    payload.userAgent.appVersion.secondary = 3000;
    payload.userAgent.appVersion.has_tertiary = true;
    payload.userAgent.appVersion.tertiary = 1234;
    payload.has_webInfo = true;
    return payload;
  }
  std::string phone_of(const wire::Jid& jid) const { return service_.world().account(jid)->phone; }

  void take_frame(const Bytes& body) {
    if (transport_) {
      const auto plain = transport_->open(body);
      ASSERT_TRUE(plain);
      const auto node = wire::decode(*plain);
      ASSERT_TRUE(node);
      received.push_back(*node);
      return;
    }
    const auto hello = noise_->read_server_hello(body);
    ASSERT_TRUE(hello);
    if (root_key != Key32{})
      chain_holds =
          wire::verify_certificate_chain(hello->certificate, root_key, hello->static_key, now_.unix_seconds())
              .ok();
    auto finished = noise_->finish(payload_);
    ASSERT_TRUE(finished);
    transport_ = finished->transport;
    service_.receive(now_, *connection, *wire::frame(finished->client_finish));
  }

  std::unique_ptr<wire::NoiseClient> noise_;
  std::unique_ptr<wire::FrameReader> reader_;
  std::optional<wire::Transport> transport_;
  Bytes payload_;
  int next_iq_ = 1;
  bool account_signature_holds_ = false;
};

}  // namespace pigeond::sandbox
