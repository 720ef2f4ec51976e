// Whose matter a failed statement is: the disk's, so that nobody can go on, or that of the rows it was about.
#pragma once

#include "base/result.h"

namespace pigeond::store {

// Full, not readable or writable, damaged, or out of memory. What else SQLite refuses (a constraint, a value
// that makes no sense) was caused by what was to be written, and others are not affected.
bool is_disk_trouble(const Error& error);

// The file is damaged, or no database at all.
bool is_damage(const Error& error);

}  // namespace pigeond::store
