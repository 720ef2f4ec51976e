// What is said about a message and kept from the service: votes, answers to events, and edits, reactions and
// comments of some chats are encrypted once more, with a key that is made of the message's own secret, its
// id, and who has written both:
//
//   key = HKDF-SHA256(secret, no salt, info = ID AUTHOR SENDER USE, 32 bytes)
//   AES-256-GCM, 12 bytes of IV; additional data of votes and answers: ID 00 SENDER; of others: none
//
// Users are named as text without device, in the form in which the sender's client has named them: which one
// that is, is not said anywhere (whatsmeow msgsecret.go, whatsapp-rust wacore/src/poll.rs).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "wire/jid.h"

namespace pigeond::engine {

// The words that go into the key.
inline constexpr std::string_view kPollVote = "Poll Vote", kEventAnswer = "Event Response",
                                  kSealedReactionUse = "Enc Reaction", kSealedCommentUse = "Enc Comment",
                                  kMessageEdit = "Message Edit", kEventEdit = "Event Edit",
                                  kPollEdit = "Poll Edit", kPollOption = "Poll Add Option";

struct Addon {
  std::string_view use;
  std::string id;      // of the message that it is about
  std::string author;  // who has written that
  std::string sender;  // who says something about it
};

struct Sealed {
  Bytes payload, iv;
};

Key32 addon_key(ByteView secret, const Addon& addon);
Sealed seal_addon(ByteView secret, const Addon& addon, ByteView plaintext, Random& random);
// bad_mac: another secret, or others have written them. malformed: no IV of 12 bytes.
Result<Bytes> open_addon(ByteView secret, const Addon& addon, ByteView payload, ByteView iv);

}  // namespace pigeond::engine
