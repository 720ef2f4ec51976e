// Which hidden id (LID) belongs to which phone number (PN): user parts, without server and device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database/database.h"

namespace pigeond::store {

class LidMappings {
 public:
  LidMappings(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // True: this was news. A new LID for a known PN replaces the old row, and so does a new PN for a known LID.
  // What is known already writes nothing.
  bool put(std::string_view lid, std::string_view pn);
  // Where neither half is known. False: one is, and nothing was written.
  bool add(std::string_view lid, std::string_view pn);
  std::optional<std::string> lid_of(std::string_view pn);
  std::optional<std::string> pn_of(std::string_view lid);
  struct Row {
    std::string lid, pn;
  };
  std::vector<Row> page(std::size_t limit, std::size_t offset);  // by LID
  std::int64_t count();

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
