// Sender keys: one ciphertext for a whole group. Each member's device hands its key to the others in a
// distribution message (inside pairwise messages), and then encrypts once. Same rules as Sessions: nothing is
// saved by a call that fails. `group` is the chat's JID as text; `sender` must be the same address for the
// distribution and the messages.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "signal/store.h"

namespace pigeond::signal {

class GroupSessions {
 public:
  // Both are kept by reference and must outlive this object.
  GroupSessions(Store& store, Random& random) : store_(store), random_(random) {}

  // What our own key looks like from now on; made when there is none. For
  // axolotlSenderKeyDistributionMessage.
  Result<Bytes> distribution(const std::string& group, const Address& self);
  // Takes over another device's key. One that is known already is left alone, because libsignal would forget
  // the messages skipped so far and let old ones in again. invalid_message: does not parse.
  Status process(const std::string& group, const Address& sender, ByteView distribution);
  Result<Bytes> encrypt(const std::string& group, const Address& self, ByteView plaintext);  // no_sender_key
  // no_sender_key (also: another key than those known), duplicate_message, invalid_message (also: a bad
  // signature).
  Result<Bytes> decrypt(const std::string& group, const Address& sender, ByteView ciphertext);
  // Of our own: the next distribution() makes a new key (after a member left).
  void forget(const std::string& group, const Address& sender);

 private:
  Store& store_;
  Random& random_;
};

}  // namespace pigeond::signal
