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

  // The device asked for its traffic. What waits is announced by <ib><offline_preview/></ib>; a handful of it
  // follows unasked, the rest batch by batch as the client asks for it, then <ib><offline/></ib>. Nothing new
  // comes before that (whatsapp-rust client/offline_resume.rs and #125).
  void activate(const DeviceRef& who);
  void release(const DeviceRef& who);                   // what was withheld from it
  void batch(const DeviceRef& who, std::size_t count);  // <ib><offline_batch count/></ib>
  void disconnected(const DeviceRef& who);

  // <ack class id to [type]>. Of the account's own message it settles nothing: only a receipt does
  // (whatsapp-rust message/retry.rs).
  void acked(const DeviceRef& by, const wire::Node& ack);
  // A receipt answers the messages of those ids that came from `from` (or were copies of messages to `from`).
  void received(const DeviceRef& by, const std::vector<std::string>& ids, const wire::Jid& from);

  // Reports what has been waiting for an answer too long, once; and ends the stream over it, each time:
  // <stream:error><ack class id/></stream:error> (whatsapp-rust client/node_io.rs).
  void sweep();
  std::optional<Millis> next_wake() const;  // mono

 private:
  void write(Device& device, Waiting& entry, std::optional<std::size_t> offline_index);
  void serve(Device& device, std::size_t count);

  World& world_;
};

}  // namespace pigeond::sandbox
