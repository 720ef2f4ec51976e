// Messages that came without a content that can be read. See engine/messages/in/placeholders.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct PlaceholderRow {
  // Whether the account's phone is asked for the message. The numbers are stored.
  enum class State {
    kept,    // no
    wanted,  // it is to be
    sent,    // a request was written, and the service has not said yet that it has it
    asked,   // it has
  };

  std::int64_t id = 0;     // set by insert; the order of arrival
  std::string stanza_id;   // of the message
  wire::Jid chat, sender;  // as in MessageRow
  bool from_me = false;
  std::int64_t timestamp = 0;  // unix seconds
  std::string push_name;
  State state = State::kept;
  int asks = 0;            // requests that were written
  std::string request;     // id of the last one
  std::int64_t added = 0;  // unix seconds
};

class Placeholders {
 public:
  Placeholders(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::int64_t insert(const PlaceholderRow& row);
  bool any();
  bool wrote(const wire::Jid& chat);  // that a row of this chat is not ours; `chat` as in the rows
  std::optional<PlaceholderRow> find(std::int64_t id);
  // Ids are unique for their sender only: there may be several.
  std::vector<PlaceholderRow> of(const std::string& stanza_id);
  std::optional<PlaceholderRow> asked_with(const std::string& request);
  std::vector<std::int64_t> wanted();  // ids of rows, oldest first
  void set_state(std::int64_t id, PlaceholderRow::State state, int asks, const std::string& request);
  void want_again();  // what was sent, and may not have got there
  void remove(std::int64_t id);
  // By when they were added. What somebody wrote in a direct chat stays, until newer rows push it out: beside
  // it nothing may say that they ever did.
  void remove_before(std::int64_t unix_seconds);
  std::int64_t keep_newest(std::size_t rows);  // id of the newest that went; 0: none did

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
