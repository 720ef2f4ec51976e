#include "engine/messages/identity/vouching.h"

#include "engine/pairing/adv.h"

namespace pigeond::engine {

Status vouched(Desk& desk, const wire::Jid& device, const wire::Node& keys, const Key32& identity) {
  if (device.device == 0) return {};  // the account itself
  const auto* node = keys.child("device-identity");
  const Bytes shown = node != nullptr ? node->bytes() : Bytes();
  if (shown.empty()) return {};
  const auto good = check_device_identity(shown, identity, desk.ciphers.identity(device.with_device(0)));
  return good ? Status() : Status(good.error());
}

}  // namespace pigeond::engine
