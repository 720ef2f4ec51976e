// Rows of `outbox`: messages accepted and not yet acknowledged by the service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "store/account/address_forms.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

// What was done about a message that the service refused. Each of the last three is done once at the most.
struct Distrust {
  bool in_question = false;    // whether it goes out again is being found out; until then it doesn't
  bool other_token = false;    // it may have gone out again with a token that it did not carry before
  bool other_form = false;     // to the other address of its recipient
  bool awaited_token = false;  // with a token that was waited for
  bool operator==(const Distrust&) const = default;
};

struct OutboxRow {
  std::int64_t seq = 0;  // set by insert; the order of work
  std::string id;
  wire::Jid chat;          // as asked for
  bool encrypted = false;  // a stanza is there
  std::string phash;
  int attempts = 0;      // times it was written
  Millis created = 0;    // wall
  bool written = false;  // a stanza of it may have left
  Millis expires = 0;    // wall; not written by then: it ends; 0: never
  int renewals = 0;      // of its chat's devices, address and keys, because it was refused
  std::string cause;     // of the last trouble; empty: none yet
  int code = 0;          // the service's, of that
  Distrust distrust;
  AddressForm form = AddressForm::usual;  // in which it goes out
  bool untold = false;  // programs are told of it when the service has named the account of its number
};

class Outbox {
 public:
  Outbox(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // The new row's seq: higher than any that is in the table, or that this object gave before.
  std::int64_t insert(const OutboxRow& row, const std::optional<Bytes>& stanza);
  std::vector<OutboxRow> all();  // in order of seq
  // As `all`, without those that programs are not told of yet: under which id they will be is not known.
  std::vector<OutboxRow> page(std::size_t limit, std::size_t offset);
  std::optional<OutboxRow> find(const std::string& id);
  bool can_expire();  // any of them
  std::optional<Bytes> stanza(std::int64_t seq);
  // It is about to be written, for the `attempts`th time.
  void set_stanza(std::int64_t seq, ByteView stanza, const std::string& phash, int attempts);
  void set_attempts(std::int64_t seq, int attempts);
  void set_trouble(std::int64_t seq, int attempts, int renewals, std::string_view cause, int code);
  void set_distrust(std::int64_t seq, const Distrust& distrust, AddressForm form);
  void set_told(std::int64_t seq);
  void set_chat(std::int64_t seq, const wire::Jid& chat);
  void drop_stanza(std::int64_t seq);  // it is to be encrypted anew
  void remove(std::int64_t seq);
  // Drops what another account than this one was to send, with its messages: after linking. User parts. What
  // it was: ids and chats alone, in order.
  std::vector<OutboxRow> keep_only(std::string_view pn, std::string_view lid);

 private:
  std::int64_t next_seq();

  Database& database_;
  std::int64_t session_;
  std::int64_t last_seq_ = 0;  // that this object gave; 0: none yet
};

}  // namespace pigeond::store
