#include "store/account/device_lists.h"

#include "base/text.h"

namespace pigeond::store {
namespace {

// "0:0,5:2,99:3h": id, key index, h for hosted.
std::string write_devices(const std::vector<DeviceEntry>& devices) {
  std::string out;
  for (const DeviceEntry& device : devices) {
    if (!out.empty()) out += ',';
    out += std::to_string(device.id) + ':' + std::to_string(device.key_index);
    if (device.hosted) out += 'h';
  }
  return out;
}

std::optional<DeviceEntry> read_device(std::string_view text) {
  DeviceEntry device;
  if (text.ends_with('h')) {
    device.hosted = true;
    text.remove_suffix(1);
  }
  const auto parts = split(text, ':');
  if (parts.size() != 2) return std::nullopt;
  const auto id = parse_unsigned(parts[0]);
  const auto key_index = parse_unsigned(parts[1]);
  if (!id || !key_index || *id > UINT16_MAX || *key_index > UINT32_MAX) return std::nullopt;
  device.id = static_cast<std::uint16_t>(*id);
  device.key_index = static_cast<std::uint32_t>(*key_index);
  return device;
}

}  // namespace

std::optional<DeviceList> DeviceLists::find(std::string_view user) {
  auto row = database_.prepare(
      "SELECT devices, raw_id, timestamp, updated_ms FROM device_list WHERE session_id = ? AND user = ?");
  if (!row.bind(session_).bind(user).step()) return std::nullopt;
  DeviceList list{{}, static_cast<std::uint32_t>(row.integer(1)), row.integer(2), row.integer(3)};
  const std::string text = row.text(0);
  if (text.empty()) return list;
  for (std::string_view part : split(text, ',')) {
    auto device = read_device(part);
    if (!device) return std::nullopt;  // asked for again, as if it had never been stored
    list.devices.push_back(*device);
  }
  return list;
}

void DeviceLists::save(std::string_view user, const DeviceList& list) {
  const std::string devices = write_devices(list.devices);
  database_
      .prepare(
          "INSERT OR REPLACE INTO device_list (session_id, user, devices, raw_id, timestamp, updated_ms)"
          " VALUES (?, ?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(user)
      .bind(devices)
      .bind(list.raw_id)
      .bind(list.timestamp)
      .bind(list.updated_ms)
      .run();
}

void DeviceLists::remove(std::string_view user) {
  database_.prepare("DELETE FROM device_list WHERE session_id = ? AND user = ?")
      .bind(session_)
      .bind(user)
      .run();
}

}  // namespace pigeond::store
