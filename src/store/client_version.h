// What is known of the web client's version; see gateway/client_version/.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::store {

struct ClientVersionRow {
  std::uint32_t revision = 0;  // the newest that was learnt; 0: none
  Millis looked = 0;           // wall, when it was asked for and told last; 0: never
  std::int64_t expires = 0;    // unix seconds, from which the service refuses `expires_revision`; 0: not told
  std::uint32_t expires_revision = 0;
};

ClientVersionRow client_version(Database& database);
void set_client_version(Database& database, const ClientVersionRow& row);

}  // namespace pigeond::store
