// Accounts and sessions that are being erased: their rows go in steps, over restarts of the process.
// SessionTable says what goes (sessions.h).
#pragma once

#include <cstdint>

#include "store/database/database.h"

namespace pigeond::store {

// The mark of `erasing`, for statements whose ?1 is the session: messages above it are there.
#define PIGEOND_ABOVE_ERASED " > coalesce((SELECT message_seq FROM erasing WHERE erasing.session_id = ?1), 0)"

// What is erased lies all over the file: a checkpoint of SQLite's 1,000 pages of log then writes as many
// different ones, and everybody waits for it. While
// `erasing` it comes four times as often, and takes a fourth.
void pace_checkpoints(Database& database, bool erasing);

bool is_erasing(Database& database);  // anything

// Removes up to `limit` rows of what is being erased; how many, 0 when nothing is left. The row that says so
// itself goes in a step of its own.
std::int64_t erase_step(Database& database, std::int64_t limit);

}  // namespace pigeond::store
