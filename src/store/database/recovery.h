// What stands before opening the database at a start: is the file sound, and if it is not, back to the last
// backup.
//
// SQLite removes the write-ahead log when the last connection closes cleanly, and has synced its directory
// entry before the first commit into it: a log that is there tells of a process that was killed or of a power
// cut, without a mark of our own to be written at each start. Then, and whenever the file can't be read as a
// database, it is checked (PRAGMA quick_check); a sound one is used as it is. Damage that shows only later,
// in a statement or while a backup is made, comes back to here with the database closed.
//
// Why a backup can't just be opened. It is the account's past, and others have gone on since:
//
// - Ratchets. A Signal session set back would encrypt new messages with message keys that were used already:
//   the same key and IV over another text. So all sessions with peers go, as do our own sender keys: the next
//   message to each device begins with a fresh X3DH agreement. A peer who still writes in the old session is
//   answered with a retry receipt, as for any message that can't be read, and starts anew. Peers' sender keys
//   only receive, and stay; so do identities, which hold no secret and keep the warning of a changed one.
// - One-time pre-keys. Which of them were used since is not known, and used ones must not work again: all go.
//   Those that the server has and others took since are not here either; their first message is answered with
//   a retry receipt that carries new keys. Numbers jump far ahead, so that none stands for two keys, and the
//   comparison of digests at the next login uploads new ones together with our signed pre-key.
// - The signed pre-key stays: it is made to be used many times. If it was renewed since, the upload puts the
//   old one in its place, and the retry receipt helps those who took the newer.
// - The outbox. What waited then has most likely left since. It is sent again under the same id, by which
//   receivers drop it if so, but encrypted anew: the stored ciphertexts are of sessions that are gone.
//   Ids of messages are random, and none comes again for another message.
// - Groups. Who is in them is what it was: all are read again before they are used.
// - Webhook deliveries that waited then are delivered again; the request's id tells receivers.
//
// What can't come back: messages since the backup, and accounts that were linked since.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database/database.h"
#include "store/database/lock.h"

namespace pigeond::store {

struct Recovery {
  bool checked = false;    // quick_check has run
  bool restored = false;   // the database is the last backup now
  std::string reason;      // what was wrong
  std::string damaged;     // where the damaged file is kept; empty: there was none
  Millis backup_time = 0;  // Unix ms: when that backup was made
};

// Before Database::open, or while the database is closed; any thread, for as long as nobody else uses the
// lock. `wall` (Unix ms) goes into the damaged file's new name. `suspicion`: what a statement or a backup has
// found; then the file is checked in any case, its indexes too, and that there is none is not the first
// start. A file that passes is used as it is. Of damaged files the newest two are kept.
//
// is_damage(error): the file is damaged, and there is no backup that could be used; nothing was changed then,
// and it may be tried again. Other errors are the disk's. One that comes while the backup is put in place may
// leave the database without its file: the next call goes on from there, as it does after a process that was
// killed in here.
Result<Recovery> recover(DatabaseLock& lock, Millis wall, const std::string& suspicion = {});
Result<Recovery> recover(const std::string& path, Millis wall);

// What a process begins with.
struct OpenedDatabase {
  std::unique_ptr<Database> database;
  Recovery recovery;
  std::optional<Error> damage;  // it could not be recovered: `database` is without its file
};
Result<OpenedDatabase> recover_and_open(const std::string& path, Millis wall);

}  // namespace pigeond::store
