// How far the recipients are with a message of ours: who and when in rows of `receipt`, and of a group's how
// many in `receipt_total`, so that a receipt costs the same in a group of any size. Both go with their
// message.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct ReceiptRow {
  wire::Jid user;  // without device
  // Unix seconds, the service's; 0: not told. Who has read it has got it, though nobody may have said so.
  std::int64_t delivered = 0, read = 0, played = 0;

  int ack() const { return played > 0 ? 4 : read > 0 ? 3 : 2; }  // as AckEvent has it
};

struct ReceiptTotal {
  // Whoever was in the group when it was sent, but the account itself: WhatsApp for Android keeps that number
  // (`recipient_count`) with its messages, and shows one as read when so many have read it. Who leaves takes
  // neither his receipt back nor himself out of them. 0: not known.
  std::int64_t recipients = 0;
  std::int64_t delivered = 0, read = 0, played = 0;  // how many are that far, or farther

  // What all have reached; 0: not known, or some have not got it.
  int ack() const;
};

// `message`: its seq. level: 2 delivered, 3 read, 4 played. Of several devices of a user the first counts.
class Receipts {
 public:
  explicit Receipts(Database& database) : database_(database) {}

  // In a chat with one person, who is always named as the chat is: one statement.
  void put(std::int64_t message, const wire::Jid& user, int level, std::int64_t timestamp);
  // In a group. `other`: the user's other form of address, or empty; a row under it is his. nullopt: he was
  // that far.
  std::optional<ReceiptTotal> put_in_group(std::int64_t message, const wire::Jid& user,
                                           const wire::Jid& other, int level, std::int64_t timestamp);
  // When it is sent. Sent again, to as many, this writes nothing.
  void set_recipients(std::int64_t message, std::int64_t recipients);

  std::vector<ReceiptRow> of(std::int64_t message);  // by user

 private:
  void put(std::int64_t message, const std::string& user, int level, std::int64_t timestamp);

  Database& database_;
};

}  // namespace pigeond::store
