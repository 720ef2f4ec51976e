// A HistorySync (Baileys WAProto, whatsmeow waHistorySync) read as it comes, in memory that does not grow
// with it. Fields that are looked at, by number:
//
//   2 conversations   1 chat's JID, 9 timer, 10 when it was set,
//                     21 token, 22 its time, 28 when ours was given, 39 the PN, 42 the LID
//                     2 messages: 1 WebMessageInfo: 1 key (1 chat, 2 from me, 3 id, 4 participant), 3 time,
//                                 5 participant, 49 secret
//   7 push names      1 JID, 2 name
//   15 pairs          1 PN, 2 LID
//   16 nonce          19 salt
#pragma once

#include "engine/history/history_items.h"
#include "wire/proto_stream.h"

namespace pigeond::engine {

class HistoryReader final : private wire::ProtoVisitor {
 public:
  HistoryReader() : stream_(*this) {}
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;

  // malformed: it is no protobuf. A conversation or message that makes no sense is passed over alone.
  Status feed(ByteView data) { return stream_.feed(data); }
  Status end() const { return stream_.end(); }
  const HistoryItems& items() const { return items_; }  // since the last take()
  HistoryItems take() { return std::exchange(items_, {}); }

 private:
  struct Message {
    std::string chat, id, key_participant, participant;
    bool from_me = false;
    Bytes secret;
    std::int64_t timestamp = 0;
  };
  struct Conversation {
    std::string id, pn, lid;
    Bytes token;
    std::int64_t timestamp = 0, issued = 0;
    std::uint64_t timer = 0;  // seconds
    std::int64_t timer_set = 0;
  };
  struct Couple {  // two texts: a name or a pair
    std::string first, second;
  };

  Wish wish(Path path) override;
  void number(Path path, std::uint64_t value) override;
  void bytes(Path path, ByteView value) override;
  void left(Path path, bool broken) override;

  void message_left();
  void conversation_left();

  wire::ProtoStream stream_;
  HistoryItems items_;
  Conversation conversation_;
  Message message_;
  Couple couple_;
};

// As in history: a PN may be written with the server's old name.
wire::Jid history_jid(std::string_view text);  // empty: it is none

}  // namespace pigeond::engine
