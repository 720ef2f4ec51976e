// Whom an account has heard of: who has told his name, and who has a number and a LID that are known
// together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct Person {
  wire::Jid pn, lid;  // users; one of them may be empty
  std::string name;   // his own; empty: he has told none
};

class People {
 public:
  People(Database& database, std::int64_t session) : database_(database), session_(session) {}

  enum class By { id, name };  // id: LIDs first
  std::vector<Person> page(By by, bool descending, std::size_t limit, std::size_t offset);
  // Of either form, be anything of him known or not. Of a number that leads to another account: that one.
  Person find(const wire::Jid& user);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
