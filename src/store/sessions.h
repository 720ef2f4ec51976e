// The gateway's sessions: what they are called, how they are configured and whether they shall run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database/database.h"

namespace pigeond::store {

struct SessionRow {
  std::int64_t id = 0;
  std::string name;
  std::string config = "{}";  // the caller's JSON, as it came
  bool running = false;       // shall run, also after a restart of the program
  std::int64_t created_ms = 0;
  // Its device is to be unlinked as soon as the service can be asked: 1: then it goes on without an account,
  // 2: then it goes.
  int parting = 0;
};

class SessionTable {
 public:
  explicit SessionTable(Database& database) : database_(database) {}

  std::vector<SessionRow> all();  // by name; none that is being removed
  std::vector<SessionRow> after(std::string_view name, std::size_t limit);  // the same, behind that name
  std::size_t count();                                                      // the same
  std::optional<SessionRow> find(std::string_view name);
  // The new row's id. The name must be free: a second one fails the unit of work.
  std::int64_t create(const SessionRow& row);
  void set_config(std::int64_t id, std::string_view config);
  void set_life(std::int64_t id, bool running, int parting);
  // In all three what is secret (credentials, Signal keys and sessions, tokens) goes at once, as does what
  // the next account could be mistaken by. The rest, which may be half a million rows, is not seen any more,
  // and goes in steps: erasing.h.
  //
  // The session with all that belongs to it; its name is free.
  void remove(std::int64_t id);
  // Forgets the linked account, but not what was accepted for sending: that waits, to be encrypted anew, for
  // the account to be linked again.
  void unlink_account(std::int64_t id);
  // Forgets the linked account and all it knew, and keeps the session itself with its undelivered webhooks,
  // and what its Idempotency-Keys stand for.
  void erase_account(std::int64_t id);
  // Of all sessions: what must not be used once more when the rows are an older state than the world has
  // seen. See recovery.h.
  void forget_ratchets();

 private:
  void mark_erasing(std::int64_t id, bool whole);

  Database& database_;
};

}  // namespace pigeond::store
