#include "signal/session.h"

#include <protocol.h>
#include <session_builder.h>
#include <session_cipher.h>
#include <session_record.h>
#include <session_state.h>

#include "signal/library.h"

namespace pigeond::signal {
namespace {

struct FreeCipher {
  void operator()(session_cipher* cipher) const { session_cipher_free(cipher); }
};
using Cipher = std::unique_ptr<session_cipher, FreeCipher>;

struct FreeBuilder {
  void operator()(session_builder* builder) const { session_builder_free(builder); }
};
using Builder = std::unique_ptr<session_builder, FreeBuilder>;

Cipher make_cipher(Call& call) {
  session_cipher* raw = nullptr;
  session_cipher_create(&raw, call.stores(), call.address(), call.context());
  return Cipher(raw);
}

const Error kNoMemory = fail(Cause::internal, "out of memory", SG_ERR_NOMEM);

// The library takes this one id for a last-resort key, and keeps it.
void remove_highest_pre_key(Call& call, pre_key_signal_message* message) {
  if (pre_key_signal_message_has_pre_key_id(message) != 0 &&
      pre_key_signal_message_get_pre_key_id(message) == kMaxPreKeyId) {
    call.pre_key_to_remove = kMaxPreKeyId;
  }
}

int decrypt_pkmsg(Call& call, session_cipher* cipher, ByteView bytes, Buffer& plaintext) {
  pre_key_signal_message* raw = nullptr;
  int code = pre_key_signal_message_deserialize(&raw, bytes.data(), bytes.size(), call.context());
  const Ref<pre_key_signal_message> message(raw);
  if (code < 0) return SG_ERR_INVALID_MESSAGE;
  signal_buffer* out = nullptr;
  code = session_cipher_decrypt_pre_key_signal_message(cipher, message.get(), nullptr, &out);
  plaintext.reset(out);
  if (code >= 0) remove_highest_pre_key(call, message.get());
  return code;
}

int decrypt_msg(Call& call, session_cipher* cipher, ByteView bytes, Buffer& plaintext) {
  signal_message* raw = nullptr;
  int code = signal_message_deserialize(&raw, bytes.data(), bytes.size(), call.context());
  const Ref<signal_message> message(raw);
  if (code < 0) return SG_ERR_INVALID_MESSAGE;
  signal_buffer* out = nullptr;
  code = session_cipher_decrypt_signal_message(cipher, message.get(), nullptr, &out);
  plaintext.reset(out);
  return code;
}

Ref<session_record> load_record(Call& call) {
  session_record* raw = nullptr;
  signal_protocol_session_load_session(call.stores(), &raw, call.address());
  Ref<session_record> record(raw);
  return call.found ? std::move(record) : nullptr;
}

}  // namespace

bool Sessions::has(const Address& peer) {
  return store_.has_session(peer);
}

Status Sessions::start(const Address& peer, const PreKeyBundle& bundle) {
  Call call(store_, random_, peer);
  const auto identity = public_key(bundle.identity);
  const auto signed_pre_key = public_key(bundle.signed_pre_key);
  const auto pre_key = bundle.pre_key_id ? public_key(bundle.pre_key) : nullptr;
  session_pre_key_bundle* raw_bundle = nullptr;
  session_pre_key_bundle_create(&raw_bundle, bundle.registration_id, static_cast<int>(peer.device),
                                bundle.pre_key_id.value_or(0), pre_key.get(), bundle.signed_pre_key_id,
                                signed_pre_key.get(), bundle.signature.data(), bundle.signature.size(),
                                identity.get());
  const Ref<session_pre_key_bundle> library_bundle(raw_bundle);
  session_builder* raw_builder = nullptr;
  session_builder_create(&raw_builder, call.stores(), call.address(), call.context());
  const Builder builder(raw_builder);
  if (!builder || !library_bundle) return kNoMemory;
  const int code = session_builder_process_pre_key_bundle(builder.get(), library_bundle.get());
  if (code == SG_ERR_INVALID_KEY) return fail(Cause::bad_signature, "signed pre-key", code);
  if (code < 0) return library_error(code, "start session");
  call.save();
  return {};
}

Result<Ciphertext> Sessions::encrypt(const Address& peer, ByteView plaintext) {
  Call call(store_, random_, peer);
  const Cipher cipher = make_cipher(call);
  if (!cipher) return kNoMemory;
  ciphertext_message* raw = nullptr;
  const int code = session_cipher_encrypt(cipher.get(), plaintext.data(), plaintext.size(), &raw);
  const Ref<ciphertext_message> message(code < 0 ? nullptr : raw);
  if (!call.found) return fail(Cause::no_session, "encrypt");
  if (code < 0) return library_error(code, "encrypt");
  call.save();
  const bool first = ciphertext_message_get_type(message.get()) == CIPHERTEXT_PREKEY_TYPE;
  return Ciphertext{first ? Kind::pkmsg : Kind::msg,
                    to_bytes(view(ciphertext_message_get_serialized(message.get())))};
}

Result<Bytes> Sessions::decrypt(const Address& peer, Kind kind, ByteView ciphertext) {
  Call call(store_, random_, peer);
  const Cipher cipher = make_cipher(call);
  if (!cipher) return kNoMemory;
  Buffer plaintext;
  const int code = kind == Kind::pkmsg ? decrypt_pkmsg(call, cipher.get(), ciphertext, plaintext)
                                       : decrypt_msg(call, cipher.get(), ciphertext, plaintext);
  if (code < 0) return library_error(code, "decrypt");
  call.save();
  return to_bytes(view(plaintext.get()));
}

std::optional<std::uint32_t> Sessions::remote_registration_id(const Address& peer) {
  Call call(store_, random_, peer);
  const auto record = load_record(call);
  if (!record) return std::nullopt;
  return session_state_get_remote_registration_id(session_record_get_state(record.get()));
}

std::optional<Bytes> Sessions::alice_base_key(const Address& peer) {
  Call call(store_, random_, peer);
  const auto record = load_record(call);
  if (!record) return std::nullopt;
  const ec_public_key* key = session_state_get_alice_base_key(session_record_get_state(record.get()));
  if (key == nullptr) return std::nullopt;
  signal_buffer* raw = nullptr;
  if (ec_public_key_serialize(&raw, key) < 0) return std::nullopt;
  const Buffer serialized(raw);
  return to_bytes(view(serialized.get()));
}

void Sessions::forget(const Address& peer) {
  store_.delete_session(peer);
  store_.delete_identity(peer);
}

SignedPreKey make_signed_pre_key(std::uint32_t id, const crypto::KeyPair& identity, std::int64_t created,
                                 Random& random) {
  SignedPreKey key;
  key.id = id;
  key.key = crypto::generate_key_pair(random);
  key.signature = crypto::sign(identity.priv, crypto::with_type_byte(key.key.pub), random);
  key.created = created;
  return key;
}

std::vector<PreKey> make_pre_keys(std::uint32_t first, std::size_t count, Random& random) {
  std::vector<PreKey> keys;
  keys.reserve(count);
  std::uint32_t id = first;
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back({id, crypto::generate_key_pair(random)});
    id = id >= kMaxPreKeyId ? 1 : id + 1;
  }
  return keys;
}

}  // namespace pigeond::signal
