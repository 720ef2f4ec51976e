#include "sandbox/accounts/key_server.h"

#include <algorithm>

#include "crypto/hash.h"
#include "sandbox/accounts/pkmsg.h"
#include "sandbox/messages/mailroom.h"
#include "wire/proto.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kMostKeys = 5000;  // a device; the largest upload of the known clients is 812

Bytes big_endian(std::uint64_t value, unsigned width) {
  Bytes bytes;
  append_be(bytes, value, width);
  return bytes;
}

Key32 key32(const Bytes& bytes) {
  Key32 key{};
  if (bytes.size() == key.size()) std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

// <id>3</id><value>32</value> as a one-time key; nullopt if a part has the wrong size.
std::optional<OneTimeKey> read_key(const wire::Node& node) {
  const wire::Node* id = node.child("id");
  const wire::Node* value = node.child("value");
  if (id == nullptr || value == nullptr) return std::nullopt;
  const Bytes id_bytes = id->bytes(), value_bytes = value->bytes();
  if (id_bytes.size() != 3 || value_bytes.size() != 32) return std::nullopt;
  return OneTimeKey{static_cast<std::uint32_t>(read_be(id_bytes)), key32(value_bytes)};
}

// <skey>, signed by `identity`; what is wrong with it goes to `wrong`.
std::optional<SignedKey> read_signed_key(const wire::Node* node, const Key32& identity, std::string& wrong) {
  const auto key = node == nullptr ? std::nullopt : read_key(*node);
  const wire::Node* signature = node == nullptr ? nullptr : node->child("signature");
  if (!key || signature == nullptr || signature->bytes().size() != 64) {
    wrong = "skey is not id (3 bytes), value (32) and signature (64)";
    return std::nullopt;
  }
  const Bytes bytes = signature->bytes();
  if (!crypto::verify(identity, crypto::with_type_byte(key->value), bytes)) {
    wrong = "the signed pre-key's signature does not hold";
    return std::nullopt;
  }
  SignedKey result{key->id, key->value, {}};
  std::copy(bytes.begin(), bytes.end(), result.signature.begin());
  return result;
}

wire::Node key_node(const OneTimeKey& key) {
  wire::Node node("key");
  node.add(wire::Node("id").body(big_endian(key.id, 3))).add(wire::Node("value").body(ByteView(key.value)));
  return node;
}

wire::Node signed_key_node(const SignedKey& key) {
  wire::Node node("skey");
  node.add(wire::Node("id").body(big_endian(key.id, 3)))
      .add(wire::Node("value").body(ByteView(key.value)))
      .add(wire::Node("signature").body(ByteView(key.signature)));
  return node;
}

}  // namespace

wire::Node iq_result(const wire::Node& iq) {
  wire::Node result("iq");
  result.set("from", wire::service()).set("type", "result").set("id", iq.attr("id"));
  return result;
}

wire::Node iq_error(const wire::Node& iq, int code, std::string_view text) {
  wire::Node result("iq");
  result.set("from", wire::service()).set("type", "error").set("id", iq.attr("id"));
  result.add(
      wire::Node("error").set("code", static_cast<std::uint64_t>(code)).set("text", std::string(text)));
  return result;
}

wire::Node KeyServer::handle(const DeviceRef& from, const wire::Node& iq) {
  const Device* device = world_.device(from);
  if (device == nullptr) return iq_error(iq, 401, "not-authorized");
  if (iq.is("type", "get")) {
    if (iq.child("count") != nullptr) {
      wire::Node result = iq_result(iq);
      result.add(wire::Node("count").set("value", static_cast<std::uint64_t>(device->one_time_keys.size())));
      return result;
    }
    if (iq.child("digest") != nullptr) return digest(from, iq);
    if (const wire::Node* request = iq.child("key")) return fetch(from, iq, *request);
    world_.trace.mark_unsupported();
    return iq_error(iq, 501, "feature-not-implemented");
  }
  if (iq.child("rotate") != nullptr) return rotate(from, iq);
  return upload(from, iq);
}

std::string KeyServer::check_upload(const Device& device, const wire::Node& iq) const {
  auto bytes_of = [&iq](std::string_view tag) {
    const wire::Node* child = iq.child(tag);
    return child == nullptr ? Bytes() : child->bytes();
  };
  if (bytes_of("type") != Bytes{5}) return "type is not 05";
  const Bytes registration = bytes_of("registration"), identity = bytes_of("identity");
  if (registration.size() != 4) return "registration is not 4 bytes";
  if (read_be(registration) != device.registration_id) return "the registration id is not the registered one";
  if (identity != to_bytes(device.identity)) return "the identity is not the registered one";
  const wire::Node* list = iq.child("list");
  if (list == nullptr || list->children().empty()) return "there is no list of keys";
  if (list->children().size() + device.one_time_keys.size() > kMostKeys) return "too many keys";
  return {};
}

wire::Node KeyServer::upload(const DeviceRef& from, const wire::Node& iq) {
  Device* device = world_.device(from);
  std::string wrong = check_upload(*device, iq);
  std::optional<SignedKey> signed_key;
  if (wrong.empty()) signed_key = read_signed_key(iq.child("skey"), device->identity, wrong);
  std::vector<OneTimeKey> keys;
  if (wrong.empty()) {
    for (const auto& child : iq.child("list")->children()) {
      const auto key = read_key(child);
      if (!key || key->id == 0) {
        wrong = "a key is not id (3 bytes, not 0) and value (32)";
        break;
      }
      keys.push_back(*key);
    }
  }
  if (!wrong.empty()) {
    world_.violation("pre-key-upload", &from, wrong, &iq);
    return iq_error(iq, 406, "not-acceptable");
  }
  const bool first = device->uploaded.empty();
  for (const auto& key : keys) {
    if (!device->uploaded.insert(key.id).second) {
      world_.violation("pre-key-id-reused", &from, "key " + std::to_string(key.id) + " was uploaded before",
                       nullptr);
      continue;
    }
    device->one_time_keys.push_back(key);
  }
  device->signed_key = *signed_key;
  device->told_low = false;
  if (first && world_.keys_arrived) world_.keys_arrived(from);
  return iq_result(iq);
}

wire::Node KeyServer::rotate(const DeviceRef& from, const wire::Node& iq) {
  Device* device = world_.device(from);
  std::string wrong;
  const auto key = read_signed_key(iq.path({"rotate", "skey"}), device->identity, wrong);
  if (!key) {
    world_.violation("pre-key-upload", &from, wrong, &iq);
    return iq_error(iq, 406, "not-acceptable");
  }
  device->signed_key = *key;
  return iq_result(iq);
}

wire::Node KeyServer::digest(const DeviceRef& from, const wire::Node& iq) {
  const Device* device = world_.device(from);
  if (device->uploaded.empty()) return iq_error(iq, 404, "item-not-found");
  Bytes all = concat({device->identity, device->signed_key.value, device->signed_key.signature});
  wire::Node list("list");
  for (const auto& key : device->one_time_keys) {
    list.add(wire::Node("id").body(big_endian(key.id, 3)));
    all.insert(all.end(), key.value.begin(), key.value.end());
  }
  wire::Node digest("digest");
  digest.add(wire::Node("registration").body(big_endian(device->registration_id, 4)))
      .add(wire::Node("type").body(Bytes{5}))
      .add(wire::Node("identity").body(ByteView(device->identity)))
      .add(signed_key_node(device->signed_key))
      .add(std::move(list))
      .add(wire::Node("hash").body(ByteView(crypto::sha1({all}))));
  wire::Node result = iq_result(iq);
  result.add(std::move(digest));
  return result;
}

wire::Node KeyServer::fetch(const DeviceRef& from, const wire::Node& iq, const wire::Node& request) {
  wire::Node list("list");
  std::size_t asked = 0;
  for (const auto& user : request.children()) {
    const auto jid = user.jid("jid");
    if (user.tag != "user" || !jid || !jid->is_user()) {
      world_.violation("iq-malformed", &from, "a user without a user's JID", &iq);
      return iq_error(iq, 400, "bad-request");
    }
    list.add(bundle(from, *jid));
    ++asked;
  }
  if (asked == 0) {
    world_.violation("iq-malformed", &from, "keys of nobody were asked for", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  wire::Node result = iq_result(iq);
  result.add(std::move(list));
  return result;
}

wire::Node KeyServer::bundle(const DeviceRef& for_whom, const wire::Jid& jid) {
  wire::Node user("user");
  user.set("jid", jid);
  const auto owner = world_.find(jid);
  Device* device = owner ? world_.device(*owner) : nullptr;
  if (device == nullptr) {
    user.add(wire::Node("error").set("code", "404").set("text", "item-not-found"));
    return user;
  }
  SignedKey signed_key = device->signed_key;
  if (world_.faults.strike(FaultKind::forged_signed_pre_key, &*owner)) signed_key.signature[7] ^= 0x10;
  user.add(wire::Node("registration").body(big_endian(device->registration_id, 4)))
      .add(wire::Node("type").body(Bytes{5}))
      .add(wire::Node("identity").body(ByteView(device->identity)));
  if (!device->one_time_keys.empty()) {
    const OneTimeKey key = device->one_time_keys.front();
    device->one_time_keys.pop_front();
    device->issued[key.id] = IssuedKey{for_whom, {}};
    user.add(key_node(key));
  }
  user.add(signed_key_node(signed_key));
  if (!device->device_identity.empty())
    user.add(wire::Node("device-identity").body(shown_identity(for_whom, *owner, *device)));
  warn_low(*owner, *device);
  return user;
}

// Without the account's key, which others have as their identity key of its phone (whatsapp-rust
// wacore/src/adv.rs).
Bytes KeyServer::shown_identity(const DeviceRef& for_whom, const DeviceRef& owner, const Device& device) {
  auto shown = wire::proto::decode<wa_ADVSignedDeviceIdentity>(device.device_identity);
  if (!shown) return device.device_identity;
  if (for_whom.phone != owner.phone) shown->accountSignatureKey.clear();
  if (world_.faults.strike(FaultKind::forged_device_identity, &owner)) shown->accountSignature[7] ^= 0x10;
  return wire::proto::encode(*shown);
}

void KeyServer::warn_low(const DeviceRef& owner, Device& device) {
  if (device.told_low || device.one_time_keys.size() >= world_.policy.low_keys) return;
  device.told_low = true;
  wire::Node note("notification");
  note.set("from", wire::service())
      .set("id", world_.next_id())
      .set("type", "encrypt")
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
      .add(wire::Node("count").set("value", static_cast<std::uint64_t>(device.one_time_keys.size())));
  mailroom_.deliver(owner, std::move(note));
}

void KeyServer::check_pkmsg(const DeviceRef& sender, const DeviceRef& recipient, ByteView ciphertext,
                            const wire::Node& stanza) {
  const Device* from = world_.device(sender);
  Device* to = world_.device(recipient);
  if (from == nullptr || to == nullptr) return;
  const auto message = parse_pkmsg(ciphertext);
  if (!message) {
    world_.violation("enc-malformed", &sender, "a pkmsg does not parse", &stanza);
    return;
  }
  if (message->identity != to_bytes(from->identity))
    world_.violation("pkmsg-identity", &sender, "a pkmsg names another identity than the sender's", &stanza);
  if (message->registration_id != from->registration_id)
    world_.violation("pkmsg-registration", &sender, "a pkmsg names another registration id", &stanza);
  if (!message->pre_key_id) return;
  auto issued = to->issued.find(*message->pre_key_id);
  if (issued == to->issued.end() || issued->second.to != sender) {
    world_.violation("pre-key-not-issued", &sender,
                     "key " + std::to_string(*message->pre_key_id) + " was not given to this device",
                     &stanza);
    return;
  }
  if (issued->second.base_key.empty()) issued->second.base_key = message->base_key;
  if (issued->second.base_key != message->base_key)
    world_.violation("pre-key-reused", &sender,
                     "key " + std::to_string(*message->pre_key_id) + " serves a second session", &stanza);
}

void KeyServer::issued_in_receipt(const DeviceRef& owner, const DeviceRef& to, const wire::Node& receipt) {
  Device* device = world_.device(owner);
  const wire::Node* keys = receipt.child("keys");
  if (device == nullptr || keys == nullptr) return;
  std::string wrong;
  const wire::Node* identity = keys->child("identity");
  if (identity == nullptr || identity->bytes() != to_bytes(device->identity))
    wrong = "the identity is not the registered one";
  if (wrong.empty()) read_signed_key(keys->child("skey"), device->identity, wrong);
  const wire::Node* key = keys->child("key");
  if (key != nullptr && wrong.empty()) {
    const auto one_time = read_key(*key);
    if (!one_time) {
      wrong = "key is not id (3 bytes) and value (32)";
    } else {
      std::erase_if(device->one_time_keys, [&](const OneTimeKey& mine) { return mine.id == one_time->id; });
      device->uploaded.insert(one_time->id);
      device->issued[one_time->id] = IssuedKey{to, {}};
    }
  }
  if (!wrong.empty()) world_.violation("retry-keys", &owner, wrong, &receipt);
}

}  // namespace pigeond::sandbox
