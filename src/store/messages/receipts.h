// Rows of `receipt`: how far each recipient is with a message of ours. They go with their message, and are as
// many as it has recipients: the service lets no more than 1,024 into a group.
#pragma once

#include <cstdint>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct ReceiptRow {
  wire::Jid user;  // without device; LID where it was known
  // Unix seconds, the service's; 0: not told. Who has read it has got it, though nobody may have said so.
  std::int64_t delivered = 0, read = 0, played = 0;

  int ack() const { return played > 0 ? 4 : read > 0 ? 3 : 2; }  // as AckEvent has it
};

class Receipts {
 public:
  explicit Receipts(Database& database) : database_(database) {}

  // `message`: its seq. level: 2 delivered, 3 read, 4 played. Of several devices of a user the first counts.
  void put(std::int64_t message, const wire::Jid& user, int level, std::int64_t timestamp);
  std::vector<ReceiptRow> of(std::int64_t message);  // by user

 private:
  Database& database_;
};

}  // namespace pigeond::store
