// Privacy tokens: what a contact gave this account as proof that they know it, and when ours was last given
// to them; and the salt from which tokens for strangers are made. Times are unix seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "store/database/database.h"

namespace pigeond::store {

struct PrivacyTokenRow {
  Bytes token;                 // empty: none was given to us
  std::int64_t timestamp = 0;  // the token's
  std::int64_t issued = 0;     // when ours was last given; 0: never
};

// Rows are keyed by the user's JID: the LID where it is known, else the PN.
class PrivacyTokens {
 public:
  PrivacyTokens(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<PrivacyTokenRow> find(std::string_view user_jid);
  // An older timestamp than the one stored changes nothing. False then.
  bool put(std::string_view user_jid, ByteView token, std::int64_t timestamp);
  // An earlier time than the one stored changes nothing.
  void set_issued(std::string_view user_jid, std::int64_t issued);
  void remove(std::string_view user_jid);
  // Deletes the rows of which neither half is of use any more. How many.
  std::int64_t remove_older(std::int64_t timestamp, std::int64_t issued);

  Bytes salt();                  // empty: none is known
  void set_salt(ByteView salt);  // empty: forgets it

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
