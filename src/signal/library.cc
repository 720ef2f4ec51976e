#include "signal/library.h"

#include <session_pre_key.h>

#include <algorithm>
#include <cstdlib>

#include "signal/provider.h"

namespace pigeond::signal {
namespace {

// What the library asks for is always the peer of the call at work, so the addresses it passes are not looked
// at.
struct Library {
  signal_context* context = nullptr;
  signal_protocol_store_context* stores = nullptr;
  Call* call = nullptr;
  ProviderCall provided;

  Library();
  ~Library() {
    signal_protocol_store_context_destroy(stores);
    signal_context_destroy(context);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

Library& library() {
  thread_local Library one;
  return one;
}

Call& call_of(void* user) {
  return *static_cast<Library*>(user)->call;
}

signal_buffer* copy(ByteView bytes) {
  return signal_buffer_create(bytes.data(), bytes.size());
}

int load_session(signal_buffer** record, signal_buffer**, const signal_protocol_address*, void* user) {
  Call& call = call_of(user);
  const auto found = call.store.load_session(call.peer);
  call.found = found.has_value();
  if (!found) return 0;
  *record = copy(*found);
  return *record == nullptr ? SG_ERR_NOMEM : 1;
}

int store_session(const signal_protocol_address*, std::uint8_t* record, std::size_t size, std::uint8_t*,
                  std::size_t, void* user) {
  call_of(user).session_to_save = Bytes(record, record + size);
  return SG_SUCCESS;
}

int contains_session(const signal_protocol_address*, void* user) {
  Call& call = call_of(user);
  return call.store.has_session(call.peer) ? 1 : 0;
}

int load_pre_key(signal_buffer** record, std::uint32_t id, void* user) {
  const auto found = call_of(user).store.load_pre_key(id);
  if (!found) return SG_ERR_INVALID_KEY_ID;
  ec_private_key* raw_private = nullptr;
  int code = curve_decode_private_point(&raw_private, found->key.priv.data(), found->key.priv.size(),
                                        library().context);
  const Ref<ec_private_key> private_part(raw_private);
  if (code < 0) return code;
  const auto public_part = public_key(found->key.pub);
  ec_key_pair* raw_pair = nullptr;
  code = ec_key_pair_create(&raw_pair, public_part.get(), private_part.get());
  const Ref<ec_key_pair> pair(raw_pair);
  if (code < 0) return code;
  session_pre_key* raw_key = nullptr;
  code = session_pre_key_create(&raw_key, id, pair.get());
  const Ref<session_pre_key> key(raw_key);
  if (code < 0) return code;
  return session_pre_key_serialize(record, key.get());
}

int contains_pre_key(std::uint32_t id, void* user) {
  return call_of(user).store.load_pre_key(id) ? 1 : 0;
}

int remove_pre_key(std::uint32_t id, void* user) {
  call_of(user).pre_key_to_remove = id;
  return SG_SUCCESS;
}

int load_signed_pre_key(signal_buffer** record, std::uint32_t id, void* user) {
  const auto found = call_of(user).store.load_signed_pre_key(id);
  if (!found) return SG_ERR_INVALID_KEY_ID;
  ec_private_key* raw_private = nullptr;
  int code = curve_decode_private_point(&raw_private, found->key.priv.data(), found->key.priv.size(),
                                        library().context);
  const Ref<ec_private_key> private_part(raw_private);
  if (code < 0) return code;
  const auto public_part = public_key(found->key.pub);
  ec_key_pair* raw_pair = nullptr;
  code = ec_key_pair_create(&raw_pair, public_part.get(), private_part.get());
  const Ref<ec_key_pair> pair(raw_pair);
  if (code < 0) return code;
  session_signed_pre_key* raw_key = nullptr;
  code = session_signed_pre_key_create(&raw_key, id, static_cast<std::uint64_t>(found->created), pair.get(),
                                       found->signature.data(), found->signature.size());
  const Ref<session_signed_pre_key> key(raw_key);
  if (code < 0) return code;
  return session_signed_pre_key_serialize(record, key.get());
}

int contains_signed_pre_key(std::uint32_t id, void* user) {
  return call_of(user).store.load_signed_pre_key(id) ? 1 : 0;
}

int identity_key_pair(signal_buffer** public_part, signal_buffer** private_part, void* user) {
  const crypto::KeyPair pair = call_of(user).store.identity_key_pair();
  *public_part = copy(crypto::with_type_byte(pair.pub));
  *private_part = copy(pair.priv);
  return *public_part == nullptr || *private_part == nullptr ? SG_ERR_NOMEM : SG_SUCCESS;
}

int registration_id(void* user, std::uint32_t* id) {
  *id = call_of(user).store.registration_id();
  return SG_SUCCESS;
}

ByteView without_type_byte(const std::uint8_t* key, std::size_t size) {
  return size == 33 ? ByteView(key + 1, 32) : ByteView();
}

int save_identity(const signal_protocol_address*, std::uint8_t* key, std::size_t size, void* user) {
  Call& call = call_of(user);
  const ByteView bytes = without_type_byte(key, size);
  if (bytes.empty()) return SG_ERR_INVALID_KEY;
  if (!call.stored_identity) call.identity_to_save = to_bytes(bytes);
  return SG_SUCCESS;
}

// Trust on first use. A changed identity is the caller's decision.
int is_trusted(const signal_protocol_address*, std::uint8_t* key, std::size_t size, void* user) {
  Call& call = call_of(user);
  const ByteView bytes = without_type_byte(key, size);
  if (bytes.empty()) return SG_ERR_INVALID_KEY;
  call.stored_identity = call.store.load_identity(call.peer);
  return !call.stored_identity || std::ranges::equal(*call.stored_identity, bytes) ? 1 : 0;
}

int load_sender_key(signal_buffer** record, signal_buffer**, const signal_protocol_sender_key_name*,
                    void* user) {
  Call& call = call_of(user);
  const auto found = call.store.load_sender_key(call.group, call.peer);
  call.found = found.has_value();
  if (!found) return 0;
  *record = copy(*found);
  return *record == nullptr ? SG_ERR_NOMEM : 1;
}

int store_sender_key(const signal_protocol_sender_key_name*, std::uint8_t* record, std::size_t size,
                     std::uint8_t*, std::size_t, void* user) {
  call_of(user).sender_key_to_save = Bytes(record, record + size);
  return SG_SUCCESS;
}

// Its lines carry addresses, and tell nothing that the result does not.
void drop_log(int, const char*, std::size_t, void*) {}

signal_protocol_session_store session_callbacks(void* user) {
  signal_protocol_session_store table{};
  table.load_session_func = load_session;
  table.store_session_func = store_session;
  table.contains_session_func = contains_session;
  table.user_data = user;
  return table;
}

signal_protocol_pre_key_store pre_key_callbacks(void* user) {
  signal_protocol_pre_key_store table{};
  table.load_pre_key = load_pre_key;
  table.contains_pre_key = contains_pre_key;
  table.remove_pre_key = remove_pre_key;
  table.user_data = user;
  return table;
}

signal_protocol_signed_pre_key_store signed_pre_key_callbacks(void* user) {
  signal_protocol_signed_pre_key_store table{};
  table.load_signed_pre_key = load_signed_pre_key;
  table.contains_signed_pre_key = contains_signed_pre_key;
  table.user_data = user;
  return table;
}

signal_protocol_identity_key_store identity_callbacks(void* user) {
  signal_protocol_identity_key_store table{};
  table.get_identity_key_pair = identity_key_pair;
  table.get_local_registration_id = registration_id;
  table.save_identity = save_identity;
  table.is_trusted_identity = is_trusted;
  table.user_data = user;
  return table;
}

signal_protocol_sender_key_store sender_key_callbacks(void* user) {
  signal_protocol_sender_key_store table{};
  table.load_sender_key = load_sender_key;
  table.store_sender_key = store_sender_key;
  table.user_data = user;
  return table;
}

void require(int code) {
  if (code != SG_SUCCESS) std::abort();  // out of memory at a thread's first call
}

Library::Library() {
  require(signal_context_create(&context, this));
  const signal_crypto_provider provider = make_provider(provided);
  require(signal_context_set_crypto_provider(context, &provider));
  require(signal_context_set_log_function(context, drop_log));
  require(signal_protocol_store_context_create(&stores, context));
  const auto sessions = session_callbacks(this);
  const auto pre_keys = pre_key_callbacks(this);
  const auto signed_pre_keys = signed_pre_key_callbacks(this);
  const auto identities = identity_callbacks(this);
  const auto sender_keys = sender_key_callbacks(this);
  require(signal_protocol_store_context_set_session_store(stores, &sessions));
  require(signal_protocol_store_context_set_pre_key_store(stores, &pre_keys));
  require(signal_protocol_store_context_set_signed_pre_key_store(stores, &signed_pre_keys));
  require(signal_protocol_store_context_set_identity_key_store(stores, &identities));
  require(signal_protocol_store_context_set_sender_key_store(stores, &sender_keys));
}

}  // namespace

Ref<ec_public_key> public_key(const Key32& key) {
  const Bytes serialized = crypto::with_type_byte(key);
  ec_public_key* raw = nullptr;
  require(curve_decode_point(&raw, serialized.data(), serialized.size(), library().context));
  return Ref<ec_public_key>(raw);
}

Call::Call(Store& store_in, Random& random_in, const Address& peer_in, const std::string& group_in)
    : store(store_in),
      random(random_in),
      peer(peer_in),
      group(group_in),
      address_{peer_in.name.data(), peer_in.name.size(), static_cast<std::int32_t>(peer_in.device)},
      sender_key_name_{group_in.data(), group_in.size(), address_} {
  if (library().call != nullptr) std::abort();  // a store that calls back into this layer
  library().call = this;
  library().provided.random = &random;
}

Call::~Call() {
  library().call = nullptr;
  library().provided.random = nullptr;
  library().provided.last.reset();
}

signal_context* Call::context() const {
  return library().context;
}
signal_protocol_store_context* Call::stores() const {
  return library().stores;
}

void Call::save() {
  if (session_to_save) store.save_session(peer, *session_to_save);
  if (identity_to_save) store.save_identity(peer, *identity_to_save);
  if (pre_key_to_remove) store.delete_pre_key(*pre_key_to_remove);
  if (sender_key_to_save) store.save_sender_key(group, peer, *sender_key_to_save);
}

Error library_error(int code, const char* what, Cause missing) {
  const auto cause = [&] {
    switch (code) {
      case SG_ERR_DUPLICATE_MESSAGE:
        return Cause::duplicate_message;
      case SG_ERR_INVALID_KEY_ID:
        return Cause::invalid_key_id;
      case SG_ERR_NO_SESSION:
        return missing;
      case SG_ERR_UNTRUSTED_IDENTITY:
        return Cause::untrusted_identity;
      case SG_ERR_INVALID_MAC:
        return Cause::bad_mac;
      case SG_ERR_INVALID_KEY:
      case SG_ERR_INVALID_MESSAGE:
      case SG_ERR_INVALID_VERSION:
      case SG_ERR_LEGACY_MESSAGE:
      case SG_ERR_INVALID_PROTO_BUF:
        return Cause::invalid_message;
      default:
        return Cause::internal;
    }
  }();
  return fail(cause, what, code);
}

}  // namespace pigeond::signal
