#include "sandbox/messages/mailroom.h"

#include <algorithm>
#include <utility>

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kUnasked = 5;  // stanzas of a backlog

wire::Node preview(const std::deque<Waiting>& mailbox) {
  std::uint64_t messages = 0, receipts = 0, notifications = 0;
  for (const auto& entry : mailbox) {
    if (entry.stanza.tag == "message") ++messages;
    if (entry.stanza.tag == "receipt") ++receipts;
    if (entry.stanza.tag == "notification") ++notifications;
  }
  wire::Node counts("offline_preview");
  counts.set("count", static_cast<std::uint64_t>(mailbox.size()))
      .set("message", messages)
      .set("receipt", receipts)
      .set("notification", notifications)
      .set("appdata", std::uint64_t{0});
  wire::Node ib("ib");
  ib.set("from", wire::service()).add(std::move(counts));
  return ib;
}

}  // namespace

void Mailroom::deliver(const DeviceRef& to, wire::Node stanza) {
  Device* device = world_.device(to);
  if (device == nullptr) return;
  if (to.number == 0) {
    world_.ring(to.phone, std::move(stanza));
    return;
  }
  device->mailbox.push_back(Waiting{std::move(stanza)});
  if (device->connection && device->active && device->backlog_left == 0)
    write(*device, device->mailbox.back(), std::nullopt);
}

void Mailroom::write(Device& device, Waiting& entry, std::optional<std::size_t> offline_index) {
  entry.written = true;
  entry.written_at = world_.now.mono;
  if (!offline_index) {
    world_.write(*device.connection, entry.stanza);
    return;
  }
  wire::Node late = entry.stanza;
  late.set("offline", static_cast<std::uint64_t>(*offline_index));
  world_.write(*device.connection, late);
}

void Mailroom::release(const DeviceRef& who) {
  Device* device = world_.device(who);
  if (device == nullptr) return;
  for (auto& message : std::exchange(device->withheld, {})) deliver(who, std::move(message));
}

void Mailroom::activate(const DeviceRef& who) {
  Device* device = world_.device(who);
  if (device == nullptr || !device->connection || device->active) return;
  release(who);
  device->active = true;
  device->backlog = device->backlog_left = device->mailbox.size();
  if (device->backlog > 0) world_.write(*device->connection, preview(device->mailbox));
  serve(*device, kUnasked);
}

void Mailroom::batch(const DeviceRef& who, std::size_t count) {
  Device* device = world_.device(who);
  if (device != nullptr && device->connection && device->active && device->backlog_left > 0)
    serve(*device, count);
}

// The next `count` of the backlog; behind its last one, what came meanwhile.
void Mailroom::serve(Device& device, std::size_t count) {
  const auto unwritten = [](const Waiting& entry) { return !entry.written; };
  for (; count > 0 && device.backlog_left > 0; --count) {
    const auto next = std::find_if(device.mailbox.begin(), device.mailbox.end(), unwritten);
    if (next == device.mailbox.end()) device.backlog_left = 0;
    if (next == device.mailbox.end()) break;
    write(device, *next, device.backlog - device.backlog_left--);
    if (!device.connection) return;
  }
  if (device.backlog_left > 0) return;
  wire::Node ib("ib");
  ib.set("from", wire::service())
      .add(wire::Node("offline").set("count", static_cast<std::uint64_t>(device.backlog)));
  world_.write(*device.connection, ib);
  for (auto& entry : device.mailbox) {
    if (entry.written) continue;
    write(device, entry, std::nullopt);
    if (!device.connection) return;
  }
}

void Mailroom::disconnected(const DeviceRef& who) {
  Device* device = world_.device(who);
  if (device == nullptr) return;
  device->connection.reset();
  device->active = false;
  device->available = false;
  device->backlog = device->backlog_left = 0;
  for (auto& entry : device->mailbox) entry.written = false;
}

void Mailroom::acked(const DeviceRef& by, const wire::Node& ack) {
  Device* device = world_.device(by);
  if (device == nullptr) return;
  const std::string tag = ack.attr("class"), id = ack.attr("id"), type = ack.attr("type");
  if (tag.empty() || id.empty() || !ack.has("to")) {
    world_.violation("ack-malformed", &by, "an ack needs class, id and to", &ack);
    return;
  }
  auto answers = [&](const Waiting& entry) {
    if (!entry.written || entry.stanza.tag != tag || !entry.stanza.is("id", id)) return false;
    // One message may have several receipts under way: their acks carry the receipt's type.
    return tag != "receipt" || entry.stanza.is("type", type);
  };
  auto found = std::find_if(device->mailbox.begin(), device->mailbox.end(), answers);
  if (found == device->mailbox.end()) return;
  const auto from = found->stanza.jid("from"), to = ack.jid("to");
  if (from && to && !from->same_user(*to))
    world_.violation("ack-mismatch", &by, "to is not the sender of what it answers", &ack);
  if (tag == "message" && found->stanza.has("recipient") && !ack.has("error")) return;
  device->mailbox.erase(found);
}

void Mailroom::received(const DeviceRef& by, const std::vector<std::string>& ids, const wire::Jid& from) {
  Device* device = world_.device(by);
  if (device == nullptr) return;
  auto answered = [&](const Waiting& entry) {
    if (!entry.written || entry.stanza.tag != "message") return false;
    if (std::find(ids.begin(), ids.end(), entry.stanza.attr("id")) == ids.end()) return false;
    const auto sender = entry.stanza.jid("from"), chat = entry.stanza.jid("recipient");
    return (sender && sender->same_user(from)) || (chat && chat->same_user(from));
  };
  std::erase_if(device->mailbox, answered);
}

void Mailroom::sweep() {
  for (auto& [phone, account] : world_.accounts) {
    for (auto& [number, device] : account.devices) {
      std::optional<wire::Node> owed;
      for (auto& entry : device.mailbox) {
        if (!entry.written || world_.now.mono - entry.written_at < world_.policy.answer_time) continue;
        if (!owed) owed = entry.stanza;
        entry.written_at = world_.now.mono;  // looked at again, should the link stay
        if (std::exchange(entry.reported, true)) continue;
        const DeviceRef who{phone, number};
        world_.violation("missing-ack", &who, "a " + entry.stanza.tag + " was not answered", &entry.stanza);
      }
      if (!owed || !device.connection) continue;
      wire::Node error("stream:error"), ack("ack");
      error.add(ack.set("class", owed->tag).set("id", owed->attr("id")));
      world_.recycle(*device.connection, error);
    }
  }
}

std::optional<Millis> Mailroom::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [phone, account] : world_.accounts) {
    for (const auto& [number, device] : account.devices) {
      if (!device.connection) continue;
      for (const auto& entry : device.mailbox) {
        if (!entry.written) continue;
        const Millis due = entry.written_at + world_.policy.answer_time;
        if (!next || due < *next) next = due;
        break;  // later ones were written later
      }
    }
  }
  return next;
}

}  // namespace pigeond::sandbox
