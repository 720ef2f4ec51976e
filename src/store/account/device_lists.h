// The devices of a user, as the service last told them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database/database.h"

namespace pigeond::store {

struct DeviceEntry {
  std::uint16_t id = 0;
  std::uint32_t key_index = 0;  // of the ADV identity; 0 for the phone
  bool hosted = false;
  bool operator==(const DeviceEntry&) const = default;
};

struct DeviceList {
  std::vector<DeviceEntry> devices;
  std::uint32_t raw_id = 0;     // of the key index list; 0: unknown
  std::int64_t timestamp = 0;   // of the key index list, unix seconds; 0: unknown
  std::int64_t updated_ms = 0;  // wall ms
};

class DeviceLists {
 public:
  DeviceLists(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // `user` is a user JID's text, PN or LID form.
  std::optional<DeviceList> find(std::string_view user);
  void save(std::string_view user, const DeviceList& list);
  void remove(std::string_view user);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
