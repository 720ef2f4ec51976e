#include "gateway/events/kinds.h"

namespace pigeond::gateway {
namespace {

constexpr Topic kSessionStatus[] = {Topic::session_status};
constexpr Topic kMessageIn[] = {Topic::message_in, Topic::message_any};
constexpr Topic kMessageOut[] = {Topic::message_any};
constexpr Topic kAck[] = {Topic::ack};
constexpr Topic kGroupAck[] = {Topic::group_ack};
constexpr Topic kMessageWaiting[] = {Topic::message_waiting};
constexpr Topic kCallReceived[] = {Topic::call_received};
constexpr Topic kCallAccepted[] = {Topic::call_accepted};
constexpr Topic kCallRejected[] = {Topic::call_rejected};

}  // namespace

std::span<const Topic> topics_of(EventKind kind) {
  switch (kind) {
    case EventKind::as_told:
      return {};
    case EventKind::session_status:
      return kSessionStatus;
    case EventKind::message_in:
      return kMessageIn;
    case EventKind::message_out:
      return kMessageOut;
    case EventKind::ack:
      return kAck;
    case EventKind::group_ack:
      return kGroupAck;
    case EventKind::message_waiting:
      return kMessageWaiting;
    case EventKind::call_received:
      return kCallReceived;
    case EventKind::call_accepted:
      return kCallAccepted;
    case EventKind::call_rejected:
      return kCallRejected;
  }
  return {};
}

std::optional<EventKind> event_kind(int stored) {
  const auto kind = static_cast<EventKind>(stored);
  if (kind == EventKind::as_told || !topics_of(kind).empty()) return kind;
  return std::nullopt;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::MessageEvent& message) {
  if (config.ignored.cover(message.chat) || message.type == "reaction") return std::nullopt;
  if (message.unread != engine::Unread::no) return EventKind::message_waiting;
  return message.from_me ? EventKind::message_out : EventKind::message_in;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AckEvent& ack) {
  if (config.ignored.cover(ack.chat)) return std::nullopt;
  return ack.chat.is_group() ? EventKind::group_ack : EventKind::ack;
}

std::optional<EventKind> kind_of(const SessionConfig&, const engine::CallEvent& call) {
  switch (call.what) {
    case engine::CallEvent::What::received:
      return EventKind::call_received;
    case engine::CallEvent::What::accepted:
      return EventKind::call_accepted;
    case engine::CallEvent::What::rejected:
      return EventKind::call_rejected;
  }
  return std::nullopt;
}

}  // namespace pigeond::gateway
