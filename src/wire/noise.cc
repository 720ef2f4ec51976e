#include "wire/noise.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "wire/frame.h"
#include "wire/proto.h"

namespace pigeond::wire {
namespace {

constexpr std::string_view kProtocolName = "Noise_XX_25519_AESGCM_SHA256";
constexpr std::size_t kKeyAndTag = 32 + crypto::kGcmTag;  // bytes of an encrypted public key

std::array<std::uint8_t, 12> iv_of(std::uint32_t counter) {
  return {0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          static_cast<std::uint8_t>(counter >> 24),
          static_cast<std::uint8_t>(counter >> 16),
          static_cast<std::uint8_t>(counter >> 8),
          static_cast<std::uint8_t>(counter)};
}

Key32 key_of(ByteView bytes) {
  Key32 key;
  std::copy_n(bytes.begin(), key.size(), key.begin());
  return key;
}

// HKDF with two outputs (Noise section 4.3).
std::pair<Key32, Key32> derive(const Key32& chaining_key, ByteView input) {
  const Bytes both = crypto::hkdf_sha256(chaining_key, input, {}, 64);
  return {key_of(both), key_of(ByteView(both).subspan(32))};
}

// The state after the prologue, which is the stream header without any routing prefix.
SymmetricState begin(std::uint8_t dictionary = kHeader[3]) {
  SymmetricState state(kProtocolName);
  auto prologue = kHeader;
  prologue[3] = dictionary;
  state.mix_hash(prologue);
  return state;
}

Status mix_agreement(SymmetricState& state, const Key32& priv, const Key32& pub) {
  PIGEOND_TRY(const Key32 shared, crypto::agree(priv, pub));
  state.mix_key(shared);
  return {};
}

Result<Key32> decrypt_key(SymmetricState& state, ByteView ciphertext) {
  if (ciphertext.size() != kKeyAndTag) return fail(Cause::malformed, "handshake: static key size");
  PIGEOND_TRY(const Bytes key, state.decrypt(ciphertext));
  return key_of(key);
}

Result<Bytes> run(const Key32& key, std::uint32_t& counter, ByteView input,
                  Result<Bytes> (*step)(const Key32&, std::uint32_t, ByteView)) {
  // The last value is never used, so that "used up" and "at 0" stay apart.
  if (counter == UINT32_MAX) return fail(Cause::internal, "the cipher's counter is used up");
  return step(key, counter++, input);
}

}  // namespace

SymmetricState::SymmetricState(std::string_view protocol_name) {
  if (protocol_name.size() <= hash_.size()) {
    std::copy(protocol_name.begin(), protocol_name.end(), hash_.begin());
  } else {
    hash_ = crypto::sha256(as_bytes(protocol_name));
  }
  chaining_key_ = hash_;
  key_ = hash_;
}

void SymmetricState::mix_hash(ByteView data) {
  hash_ = crypto::sha256({hash_, data});
}

void SymmetricState::mix_key(ByteView input) {
  std::tie(chaining_key_, key_) = derive(chaining_key_, input);
  counter_ = 0;
}

Bytes SymmetricState::encrypt(ByteView plaintext) {
  Bytes out = crypto::aes_gcm_seal(key_, iv_of(counter_++), hash_, plaintext);
  mix_hash(out);
  return out;
}

Result<Bytes> SymmetricState::decrypt(ByteView ciphertext) {
  PIGEOND_TRY(Bytes out, crypto::aes_gcm_open(key_, iv_of(counter_), hash_, ciphertext));
  ++counter_;
  mix_hash(ciphertext);
  return out;
}

std::pair<Key32, Key32> SymmetricState::split() const {
  return derive(chaining_key_, {});
}

Result<Bytes> Transport::seal(ByteView plaintext) {
  return run(write_key_, write_counter_, plaintext,
             [](const Key32& key, std::uint32_t counter, ByteView input) {
               return Result<Bytes>(crypto::aes_gcm_seal(key, iv_of(counter), {}, input));
             });
}

Result<Bytes> Transport::open(ByteView ciphertext) {
  return run(read_key_, read_counter_, ciphertext,
             [](const Key32& key, std::uint32_t counter, ByteView input) {
               return crypto::aes_gcm_open(key, iv_of(counter), {}, input);
             });
}

NoiseClient::NoiseClient(const crypto::KeyPair& ephemeral, const crypto::KeyPair& identity)
    : state_(begin()), ephemeral_(ephemeral), identity_(identity) {
  state_.mix_hash(ephemeral_.pub);
}

Bytes NoiseClient::hello() const {
  wa_HandshakeMessage message{};
  message.has_clientHello = true;
  message.clientHello.ephemeral = to_bytes(ephemeral_.pub);
  return proto::encode(message);
}

Result<NoiseClient::ServerHello> NoiseClient::read_server_hello(ByteView frame_body) {
  PIGEOND_TRY(const auto message, proto::decode<wa_HandshakeMessage>(frame_body));
  const auto& hello = message.serverHello;
  if (!message.has_serverHello || hello.ephemeral.size() != 32 || hello.payload.empty())
    return fail(Cause::malformed, "handshake: server hello");
  server_ephemeral_ = key_of(hello.ephemeral);
  state_.mix_hash(server_ephemeral_);
  PIGEOND_CHECK(mix_agreement(state_, ephemeral_.priv, server_ephemeral_));
  ServerHello out;
  PIGEOND_TRY(out.static_key, decrypt_key(state_, hello.staticKey));
  PIGEOND_CHECK(mix_agreement(state_, ephemeral_.priv, out.static_key));
  PIGEOND_TRY(out.certificate, state_.decrypt(hello.payload));
  return out;
}

Result<NoiseClient::Finished> NoiseClient::finish(ByteView client_payload) {
  wa_HandshakeMessage message{};
  message.has_clientFinish = true;
  message.clientFinish.staticKey = state_.encrypt(identity_.pub);
  PIGEOND_CHECK(mix_agreement(state_, identity_.priv, server_ephemeral_));
  message.clientFinish.payload = state_.encrypt(client_payload);
  const auto [first, second] = state_.split();
  return Finished{proto::encode(message), Transport(first, second)};
}

NoiseServer::NoiseServer(const crypto::KeyPair& ephemeral, const crypto::KeyPair& identity,
                         Bytes certificate_chain, std::uint8_t dictionary)
    : state_(begin(dictionary)),
      ephemeral_(ephemeral),
      identity_(identity),
      certificate_chain_(std::move(certificate_chain)) {}

Result<Bytes> NoiseServer::read_client_hello(ByteView frame_body) {
  PIGEOND_TRY(const auto message, proto::decode<wa_HandshakeMessage>(frame_body));
  if (!message.has_clientHello || message.clientHello.ephemeral.size() != 32)
    return fail(Cause::malformed, "handshake: client hello");
  // A client hello with a static key is Noise IK, which this side doesn't speak.
  if (!message.clientHello.staticKey.empty()) return fail(Cause::unsupported, "handshake: IK");
  client_ephemeral_ = key_of(message.clientHello.ephemeral);
  state_.mix_hash(client_ephemeral_);
  state_.mix_hash(ephemeral_.pub);
  PIGEOND_CHECK(mix_agreement(state_, ephemeral_.priv, client_ephemeral_));
  wa_HandshakeMessage answer{};
  answer.has_serverHello = true;
  answer.serverHello.ephemeral = to_bytes(ephemeral_.pub);
  answer.serverHello.staticKey = state_.encrypt(identity_.pub);
  PIGEOND_CHECK(mix_agreement(state_, identity_.priv, client_ephemeral_));
  answer.serverHello.payload = state_.encrypt(certificate_chain_);
  return proto::encode(answer);
}

Result<NoiseServer::Finished> NoiseServer::read_client_finish(ByteView frame_body) {
  PIGEOND_TRY(const auto message, proto::decode<wa_HandshakeMessage>(frame_body));
  if (!message.has_clientFinish) return fail(Cause::malformed, "handshake: client finish");
  PIGEOND_TRY(const Key32 client_static, decrypt_key(state_, message.clientFinish.staticKey));
  PIGEOND_CHECK(mix_agreement(state_, ephemeral_.priv, client_static));
  PIGEOND_TRY(Bytes payload, state_.decrypt(message.clientFinish.payload));
  const auto [first, second] = state_.split();
  return Finished{client_static, std::move(payload), Transport(second, first)};
}

}  // namespace pigeond::wire
