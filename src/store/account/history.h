// What an account's phone told of its history, and what was taken from there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/database/database.h"

namespace pigeond::store {

struct HistoryRow {
  enum class State { wanted, asked, read };

  std::int64_t id = 0;    // set by insert; the order of work
  std::string stanza_id;  // of the message that told
  int kind = 0;           // HistorySyncType
  int chunk = 0;          // of those of one kind
  State state = State::wanted;
  int asks = 0;      // for another upload
  Bytes payload;     // the content, if it came along
  std::string path;  // on the media servers; empty: there is none
  Bytes media_key, sha256, enc_sha256;
  std::string handle;      // for deleting it there
  std::int64_t added = 0;  // unix seconds
};

struct AppStateKeyRow {
  Bytes id, key, fingerprint;
  std::int64_t timestamp = 0;  // ms
};

struct MessageSecretRow {
  std::string chat, sender, id;  // JIDs without device
  Bytes secret;
  std::int64_t timestamp = 0;  // unix seconds
};

class History {
 public:
  History(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // What was told under the same id is replaced. A request for the same kind and chunk is answered by it: it
  // goes, and its number of asks is kept.
  void insert(HistoryRow row);
  std::optional<HistoryRow> find(std::int64_t id);
  // The first of that state behind the row `id`; 0: of all.
  std::optional<HistoryRow> first_after(std::int64_t id, HistoryRow::State state);
  std::vector<HistoryRow> all(HistoryRow::State state);
  void set_state(std::int64_t id, HistoryRow::State state, int asks);  // its payload is of no use any more
  void remove(std::int64_t id);
  std::int64_t remove_before(std::int64_t unix_seconds);  // which are not wanted
  std::size_t count();

  // What an account before this one has left is being erased, names and secrets of its history among it.
  // Until it is gone nothing may be put here, and nothing is found.
  bool being_erased();

  void put_name(std::string_view user_jid, std::string_view name);
  std::string name(std::string_view user_jid);  // empty: none is known
  void put_secret(const MessageSecretRow& secret);
  std::optional<Bytes> secret(std::string_view chat, std::string_view sender, std::string_view id);

  void put_app_state_key(const AppStateKeyRow& key);
  std::vector<AppStateKeyRow> app_state_keys();  // in no order

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
