// libsignal-protocol-c as the rest of this layer uses it: one context a thread with our cryptography and, for
// the time of a call, somebody's Store under it. Internal to src/signal.
#pragma once

#include <signal_protocol.h>

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "signal/store.h"

namespace pigeond::signal {

// Reference-counted objects of the library.
template <typename T>
struct Unref {
  void operator()(T* object) const { signal_type_unref(reinterpret_cast<signal_type_base*>(object)); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref<T>>;

struct FreeBuffer {
  void operator()(signal_buffer* buffer) const { signal_buffer_bzero_free(buffer); }
};
using Buffer = std::unique_ptr<signal_buffer, FreeBuffer>;

inline ByteView view(const signal_buffer* buffer) {
  return {signal_buffer_const_data(buffer), signal_buffer_len(buffer)};
}

Ref<ec_public_key> public_key(const Key32& key);

// One operation of the library on one peer. Loads come from the store at once; what the library wants saved
// is kept here, and reaches the store with save(), after the operation succeeded as a whole. One at a time on
// a thread.
class Call {
 public:
  Call(Store& store, Random& random, const Address& peer, const std::string& group = {});
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  signal_context* context() const;
  signal_protocol_store_context* stores() const;
  const signal_protocol_address* address() const { return &address_; }
  const signal_protocol_sender_key_name* sender_key_name() const { return &sender_key_name_; }

  void save();

  // For the library's callbacks.
  Store& store;
  Random& random;
  const Address& peer;
  const std::string& group;
  bool found = true;                      // the session or sender key that was asked for exists
  std::optional<Bytes> stored_identity;   // of the peer, once it was asked for
  std::optional<Bytes> identity_to_save;  // 32 bytes
  std::optional<Bytes> session_to_save;
  std::optional<Bytes> sender_key_to_save;
  std::optional<std::uint32_t> pre_key_to_remove;

 private:
  signal_protocol_address address_;
  signal_protocol_sender_key_name sender_key_name_;
};

// A negative result of the library as a Cause; `missing` stands for "no session".
Error library_error(int code, const char* what, Cause missing = Cause::no_session);

}  // namespace pigeond::signal
