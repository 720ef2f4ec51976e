// <receipt> stanzas: how far others are with our messages, and what own other devices have read.
#pragma once

#include <string>
#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/out/outgoing.h"

namespace pigeond::engine {

class ReceiptsIn {
 public:
  ReceiptsIn(Desk& desk, Outgoing& outgoing) : desk_(desk), outgoing_(outgoing) {}
  // All types but `retry`. Does not answer it.
  void handle(const wire::Node& receipt);

 private:
  void from_others(const wire::Jid& chat, const wire::Jid& who, int level,
                   const std::vector<std::string>& ids, std::int64_t timestamp);
  void from_own_device(const wire::Node& receipt, int level, const std::vector<std::string>& ids,
                       std::int64_t timestamp);
  void note_in_group(const store::MessageRow& row, int level, const wire::Jid& who, std::int64_t timestamp);
  void raise(const store::MessageRow& row, int level, const wire::Jid& who, std::int64_t timestamp);
  void tell(const store::MessageRow& row, int level, const wire::Jid& who, std::int64_t timestamp);

  Desk& desk_;
  Outgoing& outgoing_;
};

// The stanza's own id and those of its <list>, the own one first.
std::vector<std::string> receipt_ids(const wire::Node& receipt);

}  // namespace pigeond::engine
