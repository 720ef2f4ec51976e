// A JID that stands in a row as text.
#pragma once

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

// Empty where it makes no sense.
inline wire::Jid jid_column(const Statement& row, int column) {
  return wire::parse_jid(row.text(column)).value_or(wire::Jid{});
}

}  // namespace pigeond::store
