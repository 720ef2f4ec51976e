// What a phone tells a new companion of its chats, as the protobuf HistorySync (numbers: Baileys WAProto).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "wire/jid.h"

namespace pigeond::sandbox {

struct HistoryMessage {
  std::string id, text;
  bool from_me = false;
  std::int64_t time = 0;  // unix seconds
  Bytes secret;           // 32 bytes
};

struct HistoryChat {
  wire::Jid id, pn, lid;                    // id: one of the others
  Bytes token;                              // that the contact gave; empty: none
  std::int64_t token_time = 0, issued = 0;  // unix seconds; 0: never
  std::vector<HistoryMessage> messages;
};

struct HistoryContent {
  int kind = 0;  // HistorySyncType
  std::vector<HistoryChat> chats;
  std::vector<std::pair<wire::Jid, std::string>> names;
  std::vector<std::pair<wire::Jid, wire::Jid>> pairs;  // PN, LID
  Bytes salt;
  std::string nonce;
};

Bytes encode(const HistoryContent& content);  // compressed, as it is sent
Bytes deflate(ByteView data);                 // one zlib stream

}  // namespace pigeond::sandbox
