// What a simulated phone has seen of its chats.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "sandbox/media/media_blob.h"
#include "sandbox/phones/media_part.h"
#include "wire/jid.h"

namespace pigeond::sandbox {

struct PhoneReceipt {
  std::string from;  // device JID
  std::string type;  // "delivered", "read", "played", "sender", "inactive"...
  std::int64_t time = 0;
};

// What its author, or an admin, did to a message later.
struct PhoneAmendment {
  std::string id;        // of the message that says so
  std::string text;      // what it says from now on
  bool deleted = false;  // for everybody
};

// What a phone says to a companion that wants a file uploaded again: upload is the file, at a new path; error
// that it does not have it (<error code="2"/>), the next three say so, or what else went wrong, under the
// file's key; none is no answer.
enum class Reupload { upload, error, not_found, general_error, decryption_error, none };

// The file of a message, as the phone got it from the media servers.
struct PhoneMedia {
  MediaPart part;
  std::string unreadable;  // why; empty: it could be read, and these are of its content:
  Bytes sha256;
  std::uint64_t length = 0;
  std::shared_ptr<const MediaBlob> file;  // as it was uploaded
  Reupload reupload = Reupload::upload;
};

struct PhoneMessage {
  std::uint64_t index = 0;
  std::string id;
  wire::Jid chat;      // the other side, without device
  wire::Jid from, to;  // from: with device
  std::string text;    // empty if it is none
  std::string type;    // of the stanza: text, media...
  bool from_me = false;
  std::uint16_t device = 0;  // of the sender
  std::int64_t timestamp = 0;
  std::string reply_to;  // id of the message it quotes
  std::string ack;       // own messages: pending, sent, delivered, read, played or error
  int error = 0;         // of the server's ack
  std::vector<PhoneReceipt> receipts;
  std::vector<PhoneAmendment> amendments;  // each once, in the order in which they came
  Bytes content;                           // the Message, serialised
  std::optional<PhoneMedia> media;
};

class PhoneLog {
 public:
  PhoneMessage& add(PhoneMessage message);
  PhoneMessage* find(const std::string& id);
  // Those with an index above `after`, in order.
  std::vector<PhoneMessage> since(std::uint64_t after) const;
  // Raises the message's level; levels never go down. False: no such message of ours.
  bool receipt(const std::string& id, PhoneReceipt receipt);

 private:
  static constexpr std::size_t kKept = 20000;

  std::uint64_t next_ = 1;
  std::deque<PhoneMessage> messages_;
  std::unordered_map<std::string, std::uint64_t> by_id_;  // to index
};

}  // namespace pigeond::sandbox
