// Rows of `message`: what was said, both ways.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct MessageRow {
  std::int64_t seq = 0;  // set by insert
  std::string id;
  wire::Jid chat;    // as its stanza named it: user without device, or group
  wire::Jid sender;  // with device
  bool from_me = false;
  bool from_api = false;
  std::int64_t timestamp = 0;  // unix seconds
  std::string type;
  Bytes content;  // serialised protobuf Message; empty where only the head was asked for
  int ack = 0;
  bool by_lid = false;  // no number of the chat was known when the message was told
  // The number that it was told with, where the account's own was learnt later; or empty.
  wire::Jid dialled = {};

  // The form of the chat that the message was told with, of those that are known now. Programs get it as a
  // part of the message's id, which doesn't change.
  const wire::Jid& told_chat(const wire::Jid& shown, const wire::Jid& lid) const {
    if (!dialled.empty()) return dialled;
    return by_lid && !lid.empty() ? lid : shown;
  }
};

// What of a session's is being erased is not seen by this class.
class Messages {
 public:
  Messages(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::int64_t insert(const MessageRow& row);
  // Ids are unique for their sender only: there may be several. Without contents.
  std::vector<MessageRow> heads(const std::string& id);
  // The form of its chat that a message of ours was told with; `shown`, where there is none of that id.
  wire::Jid told_chat(const std::string& id, const wire::Jid& shown, const wire::Jid& lid);
  Bytes content(std::int64_t seq);
  // They wrote there, or something of ours was acknowledged; `chat` as in the rows.
  bool was_answered(const wire::Jid& chat);
  // The newest message of that direct chat was told when no number of it was known.
  bool was_told_by_lid(const wire::Jid& chat);
  // Received since then (unix seconds), not from us, and not read (ack below 3), newest first, of the chat's
  // newest 1000. They are found by the chat's index, past what was read there: an index of the unread alone
  // would cost each message that is received another page.
  std::vector<MessageRow> unread(const wire::Jid& chat, std::int64_t since, std::size_t limit);
  // The service has named the account of the number that it is for. `dialled`: digits, if it was told before.
  void set_chat(std::int64_t seq, const wire::Jid& chat, const wire::Jid& sender, const std::string& dialled);
  // What it says is another thing now, or nothing any more.
  void set_content(std::int64_t seq, const std::string& type, ByteView content);
  void set_ack(std::int64_t seq, int ack);
  void set_ack(std::int64_t seq, int ack, std::int64_t timestamp);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
