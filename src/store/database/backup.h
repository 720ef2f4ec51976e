// A copy of the database beside it, as the way back from a damaged one.
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace pigeond::store {

std::string backup_file_of(const std::string& path);  // "<path>.backup"

// Unix ms of the last backup of that database; 0: there is none.
Millis backup_time(const std::string& path);

// Writes a backup of what is committed now, with a connection of its own: on any thread, beside the writer.
// The copy is made under another name, checked, synced and only then renamed: a damaged database fails here
// (Cause::storage), and leaves the backup before it in place. `cancelled` may become true meanwhile: it ends
// within moments then, with Cause::cancelled.
Status write_backup(const std::string& path, const std::atomic<bool>& cancelled);

}  // namespace pigeond::store
