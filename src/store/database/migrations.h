// The schema's history: src/store/migrations/NNNN-name.sql, embedded at build time, numbered from 1 without
// gaps.
#pragma once

#include <span>

namespace pigeond::store {

struct Migration {
  int number;
  const char* name;
  const char* sql;
};

std::span<const Migration> migrations();

}  // namespace pigeond::store
