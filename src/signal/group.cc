#include "signal/group.h"

#include <group_cipher.h>
#include <group_session_builder.h>
#include <protocol.h>
#include <sender_key.h>
#include <sender_key_record.h>
#include <sender_key_state.h>

#include "signal/library.h"

namespace pigeond::signal {
namespace {

struct FreeCipher {
  void operator()(group_cipher* cipher) const { group_cipher_free(cipher); }
};
using Cipher = std::unique_ptr<group_cipher, FreeCipher>;

struct FreeBuilder {
  void operator()(group_session_builder* builder) const { group_session_builder_free(builder); }
};
using Builder = std::unique_ptr<group_session_builder, FreeBuilder>;

constexpr std::uint32_t kForwardJump = 2000;  // the library's limit of messages ahead

constexpr std::size_t kChainKey = 32;  // bytes

Cipher make_cipher(Call& call) {
  group_cipher* raw = nullptr;
  group_cipher_create(&raw, call.stores(), call.sender_key_name(), call.context());
  return Cipher(raw);
}

Builder make_builder(Call& call) {
  group_session_builder* raw = nullptr;
  group_session_builder_create(&raw, call.stores(), call.context());
  return Builder(raw);
}

Ref<sender_key_record> load_record(Call& call) {
  sender_key_record* raw = nullptr;
  signal_protocol_sender_key_load_key(call.stores(), &raw, call.sender_key_name());
  Ref<sender_key_record> record(raw);
  return call.found ? std::move(record) : nullptr;
}

sender_key_state* find_state(sender_key_record* record, std::uint32_t key_id) {
  sender_key_state* state = nullptr;
  if (record == nullptr || sender_key_record_get_sender_key_state_by_id(record, &state, key_id) < 0)
    return nullptr;
  return state;
}

// The same key, from where we are or not too far ahead: nothing in it is new to us.
bool known(sender_key_record* record, sender_key_distribution_message* distribution) {
  sender_key_state* state = find_state(record, sender_key_distribution_message_get_id(distribution));
  if (state == nullptr) return false;
  const ec_public_key* theirs = sender_key_distribution_message_get_signature_key(distribution);
  if (ec_public_key_compare(sender_key_state_get_signing_key_public(state), theirs) != 0) return false;
  const std::uint32_t ours = sender_chain_key_get_iteration(sender_key_state_get_chain_key(state));
  const std::uint32_t offered = sender_key_distribution_message_get_iteration(distribution);
  return offered <= ours || offered - ours <= kForwardJump;
}

const Error kNoMemory = fail(Cause::internal, "out of memory", SG_ERR_NOMEM);

}  // namespace

Result<Bytes> GroupSessions::distribution(const std::string& group, const Address& self) {
  Call call(store_, random_, self, group);
  const Builder builder = make_builder(call);
  if (!builder) return kNoMemory;
  sender_key_distribution_message* raw = nullptr;
  const int code = group_session_builder_create_session(builder.get(), &raw, call.sender_key_name());
  const Ref<sender_key_distribution_message> message(raw);
  if (code < 0) return library_error(code, "make sender key", Cause::no_sender_key);
  call.save();
  auto* base = reinterpret_cast<ciphertext_message*>(message.get());
  return to_bytes(view(ciphertext_message_get_serialized(base)));
}

Status GroupSessions::process(const std::string& group, const Address& sender, ByteView distribution) {
  Call call(store_, random_, sender, group);
  sender_key_distribution_message* raw = nullptr;
  int code = sender_key_distribution_message_deserialize(&raw, distribution.data(), distribution.size(),
                                                         call.context());
  const Ref<sender_key_distribution_message> message(raw);
  if (code < 0) return fail(Cause::invalid_message, "sender key distribution", code);
  if (signal_buffer_len(sender_key_distribution_message_get_chain_key(message.get())) != kChainKey) {
    return fail(Cause::invalid_message, "sender key distribution: chain key");  // the library takes any size
  }
  if (const auto record = load_record(call); known(record.get(), message.get())) return {};
  const Builder builder = make_builder(call);
  if (!builder) return kNoMemory;
  code = group_session_builder_process_session(builder.get(), call.sender_key_name(), message.get());
  if (code < 0) return library_error(code, "take over sender key", Cause::no_sender_key);
  call.save();
  return {};
}

Result<Bytes> GroupSessions::encrypt(const std::string& group, const Address& self, ByteView plaintext) {
  Call call(store_, random_, self, group);
  const Cipher cipher = make_cipher(call);
  if (!cipher) return kNoMemory;
  ciphertext_message* raw = nullptr;
  const int code = group_cipher_encrypt(cipher.get(), plaintext.data(), plaintext.size(), &raw);
  const Ref<ciphertext_message> message(code < 0 ? nullptr : raw);
  if (!call.found) return fail(Cause::no_sender_key, "encrypt");
  if (code < 0) return library_error(code, "encrypt for group", Cause::no_sender_key);
  call.save();
  return to_bytes(view(ciphertext_message_get_serialized(message.get())));
}

Result<Bytes> GroupSessions::decrypt(const std::string& group, const Address& sender, ByteView ciphertext) {
  Call call(store_, random_, sender, group);
  sender_key_message* raw = nullptr;
  int code = sender_key_message_deserialize(&raw, ciphertext.data(), ciphertext.size(), call.context());
  const Ref<sender_key_message> message(raw);
  if (code < 0) return fail(Cause::invalid_message, "sender key message", code);
  const Cipher cipher = make_cipher(call);
  if (!cipher) return kNoMemory;
  signal_buffer* out = nullptr;
  code = group_cipher_decrypt(cipher.get(), message.get(), nullptr, &out);
  const Buffer plaintext(out);
  if (code < 0) {
    // The library calls an unknown key and a broken message the same.
    const auto record = load_record(call);
    if (!find_state(record.get(), sender_key_message_get_key_id(message.get()))) {
      return fail(Cause::no_sender_key, "decrypt", code);
    }
    return library_error(code, "decrypt from group", Cause::no_sender_key);
  }
  call.save();
  return to_bytes(view(plaintext.get()));
}

void GroupSessions::forget(const std::string& group, const Address& sender) {
  store_.delete_sender_key(group, sender);
}

}  // namespace pigeond::signal
