#include "gateway/events/kinds.h"

#include <algorithm>

namespace pigeond::gateway {
namespace {

constexpr std::string_view kSessionStatus[] = {"session.status"};
constexpr std::string_view kMessageIn[] = {"message", "message.any"};
constexpr std::string_view kMessageOut[] = {"message.any"};
constexpr std::string_view kAck[] = {"message.ack"};
constexpr std::string_view kGroupAck[] = {"message.ack.group"};
constexpr std::string_view kAll[] = {"session.status", "message", "message.any", "message.ack",
                                     "message.ack.group"};

constexpr std::size_t kShown = 64;  // bytes of a name that nobody knows

bool ignored(const SessionConfig& config, const wire::Jid& chat) {
  if (chat.is_status()) return config.ignore_status;
  if (chat.is_broadcast()) return config.ignore_broadcast;
  if (chat.is_group()) return config.ignore_groups;
  if (chat.is_newsletter()) return config.ignore_channels;
  return false;
}

}  // namespace

std::span<const std::string_view> names_of(EventKind kind) {
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
  }
  return {};
}

std::span<const std::string_view> event_names() {
  return kAll;
}

std::string unknown_event(std::string_view name) {
  std::size_t shown = std::min(name.size(), kShown);
  while (shown < name.size() && shown > 0 && (static_cast<unsigned char>(name[shown]) & 0xc0) == 0x80)
    --shown;
  std::string out = '"' + std::string(name.substr(0, shown)) + "\" is no event that is told; there are *";
  for (const auto known : kAll) out += ", " + std::string(known);
  return out;
}

std::optional<EventKind> event_kind(int stored) {
  const auto kind = static_cast<EventKind>(stored);
  if (kind == EventKind::as_told || !names_of(kind).empty()) return kind;
  return std::nullopt;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::MessageEvent& message) {
  if (ignored(config, message.chat) || message.type == "reaction") return std::nullopt;
  return message.from_me ? EventKind::message_out : EventKind::message_in;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AckEvent& ack) {
  if (ignored(config, ack.chat)) return std::nullopt;
  return ack.chat.is_group() ? EventKind::group_ack : EventKind::ack;
}

}  // namespace pigeond::gateway
