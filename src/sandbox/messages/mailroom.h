// Delivery: every message, receipt and notification is kept for its device until that device has answered it,
// and comes again on its next connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/world.h"

namespace pigeond::sandbox {

class Mailroom {
 public:
  explicit Mailroom(World& world) : world_(world) {}

  // A phone takes it at once; a companion when it is connected and active, else when it comes back.
  void deliver(const DeviceRef& to, wire::Node stanza);

  // The device asked for its traffic: everything that waits, in order, framed by <ib><offline_preview/></ib>
  // and <ib><offline/></ib>.
  void activate(const DeviceRef& who);
  void disconnected(const DeviceRef& who);

  // <ack class id to [type]>.
  void acked(const DeviceRef& by, const wire::Node& ack);
  // A receipt answers the messages of those ids that came from `from` (or were copies of messages to `from`).
  void received(const DeviceRef& by, const std::vector<std::string>& ids, const wire::Jid& from);

  // Reports what has been waiting for an answer too long, once.
  void sweep();
  std::optional<Millis> next_wake() const;  // mono

 private:
  void write(Device& device, Waiting& entry, std::optional<std::size_t> offline_index);

  World& world_;
};

}  // namespace pigeond::sandbox
