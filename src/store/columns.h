// Reading columns of a fixed size. The schema's CHECKs make other sizes impossible in a sound file.
#pragma once

#include <algorithm>
#include <array>

#include "store/database/database.h"

namespace pigeond::store {

// All zero bytes, and a failed unit of work, when the size is another one.
template <std::size_t N>
std::array<std::uint8_t, N> fixed(Database& database, const Statement& row, int column) {
  std::array<std::uint8_t, N> out{};
  const ByteView found = row.blob_view(column);
  if (found.size() != N) {
    database.fail_unit(fail(Cause::storage, "a stored key has the wrong size"));
    return out;
  }
  std::copy(found.begin(), found.end(), out.begin());
  return out;
}

}  // namespace pigeond::store
