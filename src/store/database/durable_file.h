// Files that are whole or not there, also after a power cut.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeond::store {

// All: Cause::storage, naming the file.
Status sync_file(const std::string& path);
// `from` replaces `to`, and the folder is synced: `from` has to be synced before.
Status rename_durably(const std::string& from, const std::string& to);
// For its owner alone; synced. Replaces `to`.
Status copy_durably(const std::string& from, const std::string& to);

}  // namespace pigeond::store
