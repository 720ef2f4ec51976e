// What answers and events show of people.
#pragma once

#include <optional>
#include <string>

#include "api/schema/output.h"
#include "engine/account/watches.h"
#include "engine/questions/people/blocklist.h"
#include "store/account/people.h"

namespace pigeond::api::waha {

// How somebody is in a chat.
struct PresentShape {
  using Of = engine::Present;
  static constexpr const char* kName = "WAHAPresenceData";
  static void describe(schema::Output<Of>& shows);
};

struct WatchedShape {
  using Of = engine::Watched;
  static constexpr const char* kName = "WAHAChatPresences";
  static void describe(schema::Output<Of>& shows);
};

// An id of a person, and both forms of it.
struct BlockedShape {
  using Of = engine::Blocked;
  static constexpr const char* kName = "BlockedContact";
  static void describe(schema::Output<Of>& shows);
};

struct ShownContact {
  store::Person person;
  bool me = false;
};
struct ContactShape {
  using Of = ShownContact;
  static constexpr const char* kName = "WAContact";
  static void describe(schema::Output<Of>& shows);
};

}  // namespace pigeond::api::waha
