// The keys of the API that people have made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::store {

struct ApiKeyRow {
  std::string id;
  Key32 hash{};          // SHA-256 of the key
  std::string name;      // for people
  std::string scopes;    // with blanks between them
  std::string sessions;  // the same; empty: all
  bool active = true;
  Millis created_ms = 0;
  Millis expires_ms = 0;                             // 0: never
  Millis used_ms = 0;                                // 0: never, as far as is known
  std::int64_t rate_requests = 0, rate_seconds = 0;  // 0: any number
};

// Words with blanks between them, without one of them.
std::string without_word(std::string_view words, std::string_view word);

class ApiKeys {
 public:
  explicit ApiKeys(Database& database) : database_(database) {}

  std::vector<ApiKeyRow> all();  // by id, which is by age; at most limits::kApiKeys are ever made
  std::optional<ApiKeyRow> find(std::string_view id);
  std::int64_t count();
  // Makes the row, or changes all of it.
  void put(const ApiKeyRow& row);
  bool remove(std::string_view id);  // false: there is none
  void used(std::string_view id, Millis at);
  // A session of that name is there no more: no key is good for it, whoever is called so next. One that was
  // good for nothing else goes.
  void session_removed(std::string_view session);

 private:
  Database& database_;
};

}  // namespace pigeond::store
