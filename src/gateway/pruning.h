// The end of what is old: messages and the log of webhook deliveries, in small steps while little else is
// written. Where there is nothing to prune nothing is written.
#pragma once

#include "gateway/webhooks.h"
#include "net/loop.h"
#include "store/database.h"

namespace pigeond::gateway {

class Pruning {
 public:
  struct Options {
    Millis keep = 0;                 // ms that messages and ended deliveries are kept; 0: for ever
    std::int64_t keep_messages = 0;  // of all sessions together, the newest; 0: any number
  };

  Pruning(net::Loop& loop, store::Database& database, Webhooks& webhooks, Options options)
      : loop_(loop), database_(database), webhooks_(webhooks), options_(options) {}

  void start();
  // The tick is committed: when many deliveries have ended since the last time, their log is looked at soon.
  void look() {
    if (webhooks_.ended() - ended_ >= kEndedAtMost) soon();
  }
  // One step; how many rows went. Inside a unit of work.
  std::int64_t step();

 private:
  static constexpr std::int64_t kEndedAtMost = 256;

  void soon();
  void plan(Millis delay);
  void turn();

  net::Loop& loop_;
  store::Database& database_;
  Webhooks& webhooks_;
  Options options_;
  net::Loop::TimerId timer_ = 0;
  bool soon_ = false;
  int postponed_ = 0;
  std::int64_t commits_ = 0;
  std::int64_t ended_ = 0;     // Webhooks::ended when their log was clean
  std::int64_t messages_ = 0;  // seq that this pass has come to
};

}  // namespace pigeond::gateway
