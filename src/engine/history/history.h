// What the account's phone tells a companion that was just linked, and later on when it wants to: which
// history there is. Each notification is a row until it is worked off:
//
//   wanted   its content, which came along or lies on the service's media servers, is to be read
//   asked    it could not be had, or made no sense: the phone was asked to upload it again, and tells so with
//            another notification
//   read     what it says is in the database; the phone is told, until the service has taken that
//
// The engine asks for a content to be read (FetchHistory), and is given what stands in it piece by piece,
// each in a unit of work of its own. All of it may come twice, after a crash, and changes nothing then.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/history/history_items.h"
#include "store/account/history.h"
#include "wire/node.h"
#include "wire/proto.h"

namespace pigeond::engine {

struct Desk;

class History {
 public:
  explicit History(Desk& desk);

  // A message of our phone, under its stanza's id. The row is written; what answers it may leave afterwards.
  void notified(const std::string& stanza_id, const wa_HistorySyncNotification& notification);
  void acked(const wire::Node& ack);  // <ack class="receipt">

  // What stands in the content of that row; of another one than is wanted just now it is not looked at.
  void take(std::int64_t row, const HistoryItems& items);
  // It was read to its end; or why it wasn't. not_found: no media server has it. malformed, bad_mac,
  // too_large: what they have is not what the phone spoke of. Anything else may pass.
  void ended(std::int64_t row, const Status& status);

  void online();
  void offline();
  void wake();
  std::optional<Millis> next_wake() const;  // mono
  void forget();

 private:
  void next();
  void ask_where();
  void fetch(const store::HistoryRow& row);
  std::optional<store::HistoryRow> next_row();
  void read(const store::HistoryRow& row);
  void ask_again(const store::HistoryRow& row, const Error& why);
  void put_off(const store::HistoryRow& row, const Error& why);
  void servers_unknown(const Error& why);
  Millis delay_after(int failures, const Error& why);
  void take_name(const wire::Jid& user, const std::string& name);
  void take_secret(const HistoryItems::Secret& secret);
  wire::Node receipt(const store::HistoryRow& row) const;
  wire::Node repair_request(const store::HistoryRow& row) const;

  Desk& desk_;
  store::History rows_;
  bool looked_ = false;                  // there may be rows that are wanted, and none is being read
  std::optional<std::int64_t> reading_;  // a row
  bool asking_ = false;                  // where the media servers are
  int failures_ = 0;                // in a row, to learn of the servers
  std::optional<Millis> retry_at_;  // mono; nothing is fetched before
  // Rows whose content no server gave or denied: what comes behind them does not wait. Not stored: after a
  // restart they are tried at once.
  struct Wait {
    int failures = 0;
    std::optional<Millis> until;  // mono
  };
  std::map<std::int64_t, Wait> waits_;
};

}  // namespace pigeond::engine
