#include "engine/messages/identity/key_bundles.h"

#include <algorithm>

namespace pigeond::engine {
namespace {

constexpr std::uint8_t kCurve25519 = 5;

template <std::size_t N>
bool take(const wire::Node* node, std::array<std::uint8_t, N>& out) {
  if (node == nullptr) return false;
  const Bytes found = node->bytes();
  if (found.size() != N) return false;
  std::copy(found.begin(), found.end(), out.begin());
  return true;
}

std::optional<std::uint32_t> read_number(const wire::Node* node, std::size_t size) {
  if (node == nullptr) return std::nullopt;
  const Bytes found = node->bytes();
  if (found.size() != size) return std::nullopt;
  return static_cast<std::uint32_t>(read_be(found));
}

Result<signal::PreKeyBundle> parse_keys(const wire::Node& keys, std::optional<std::uint32_t> registration) {
  signal::PreKeyBundle bundle;
  if (!registration) return fail(Cause::malformed, "bundle: registration");
  bundle.registration_id = *registration;
  if (const auto* type = keys.child("type"); type != nullptr && type->bytes() != Bytes{kCurve25519})
    return fail(Cause::malformed, "bundle: type");
  if (!take(keys.child("identity"), bundle.identity)) return fail(Cause::malformed, "bundle: identity");
  const auto* signed_key = keys.child("skey");
  if (signed_key == nullptr) return fail(Cause::malformed, "bundle: skey");
  const auto signed_id = read_number(signed_key->child("id"), 3);
  if (!signed_id || !take(signed_key->child("value"), bundle.signed_pre_key) ||
      !take(signed_key->child("signature"), bundle.signature))
    return fail(Cause::malformed, "bundle: skey");
  bundle.signed_pre_key_id = *signed_id;
  if (const auto* key = keys.child("key"); key != nullptr) {
    bundle.pre_key_id = read_number(key->child("id"), 3);
    if (!bundle.pre_key_id || !take(key->child("value"), bundle.pre_key))
      return fail(Cause::malformed, "bundle: key");
  }
  return bundle;
}

wire::Node leaf(const char* tag, Bytes bytes) {
  wire::Node node(tag);
  node.body(std::move(bytes));
  return node;
}

Bytes key_id(std::uint32_t id) {
  Bytes out;
  append_be(out, id, 3);
  return out;
}

}  // namespace

const wire::Node& keys_of(const wire::Node& user) {
  const auto* wrapped = user.child("keys");
  return wrapped != nullptr ? *wrapped : user;
}

Result<signal::PreKeyBundle> parse_bundle(const wire::Node& user) {
  if (const auto* error = user.child("error"); error != nullptr)
    return fail(Cause::ack_error, error->attr("text"), static_cast<int>(error->number("code").value_or(0)));
  const wire::Node& keys = keys_of(user);
  auto registration = read_registration(user);
  return parse_keys(keys, registration ? registration : read_registration(keys));
}

Result<signal::PreKeyBundle> parse_retry_keys(const wire::Node& receipt) {
  const auto* keys = receipt.child("keys");
  if (keys == nullptr) return fail(Cause::not_found, "no keys");
  return parse_keys(*keys, read_registration(receipt));
}

wire::Node retry_keys(const Key32& identity, const signal::PreKey& key,
                      const signal::SignedPreKey& signed_key, ByteView device_identity) {
  wire::Node keys("keys");
  keys.add(leaf("type", {kCurve25519}));
  keys.add(leaf("identity", to_bytes(identity)));
  wire::Node one("key");
  one.add(leaf("id", key_id(key.id))).add(leaf("value", to_bytes(key.key.pub)));
  keys.add(std::move(one));
  wire::Node skey("skey");
  skey.add(leaf("id", key_id(signed_key.id))).add(leaf("value", to_bytes(signed_key.key.pub)));
  skey.add(leaf("signature", to_bytes(signed_key.signature)));
  keys.add(std::move(skey));
  keys.add(leaf("device-identity", to_bytes(device_identity)));
  return keys;
}

Bytes registration_bytes(std::uint32_t id) {
  Bytes out;
  append_be(out, id, 4);
  return out;
}

std::optional<std::uint32_t> read_registration(const wire::Node& parent) {
  return read_number(parent.child("registration"), 4);
}

}  // namespace pigeond::engine
