#include "engine/messages/out/phash.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::engine {

std::string participant_hash(const std::vector<wire::Jid>& devices) {
  std::vector<std::string> names;
  names.reserve(devices.size());
  for (const auto& device : devices)
    names.push_back(device.user + ".0:" + std::to_string(device.device) + "@" + std::string(device.server));
  std::sort(names.begin(), names.end());
  std::string joined;
  for (const auto& name : names) joined += name;
  const Key32 hash = crypto::sha256(as_bytes(joined));
  return "2:" + base64(ByteView(hash).first(6));
}

}  // namespace pigeond::engine
