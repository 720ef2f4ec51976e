// After a commit that failed: tries every few seconds whether the database takes a write again, so that the
// gateway comes back by itself when the disk does.
//
// The write needs room, as a full disk often still has some for a single page. It has another use: a commit
// whose sync failed may have left its frames in the write-ahead log, and the next write overwrites them. What
// callers were told was not done is then not found done by the next process either.
#pragma once

#include "gateway/storage/health.h"
#include "net/loop.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class StorageProbe {
 public:
  StorageProbe(net::Loop& loop, store::Database& database, StorageHealth& health)
      : loop_(loop), database_(database), health_(health) {}

  void failed(const Error& error);  // the tick's commit failed
  void committed() {                // it did not
    if (probing_) works();
  }
  void call_off() { probing_ = false; }  // there is no file to be written

 private:
  void plan();
  void works();

  net::Loop& loop_;
  store::Database& database_;
  StorageHealth& health_;
  bool planned_ = false;
  bool probing_ = false;  // this tick holds a probe
};

}  // namespace pigeond::gateway
