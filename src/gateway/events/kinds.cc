#include "gateway/events/kinds.h"

namespace pigeond::gateway {
namespace {

template <Topic... topics>
constexpr Topic kUnder[] = {topics...};

}  // namespace

std::span<const Topic> topics_of(EventKind kind) {
  switch (kind) {
    case EventKind::as_told:
      return {};
    case EventKind::session_status:
      return kUnder<Topic::session_status>;
    case EventKind::message_in:
      return kUnder<Topic::message_in, Topic::message_any>;
    case EventKind::message_out:
      return kUnder<Topic::message_any>;
    case EventKind::ack:
      return kUnder<Topic::ack>;
    case EventKind::group_ack:
      return kUnder<Topic::group_ack>;
    case EventKind::message_waiting:
      return kUnder<Topic::message_waiting>;
    case EventKind::call_received:
      return kUnder<Topic::call_received>;
    case EventKind::call_accepted:
      return kUnder<Topic::call_accepted>;
    case EventKind::call_rejected:
      return kUnder<Topic::call_rejected>;
    case EventKind::group_entered:
      return kUnder<Topic::group_entered, Topic::group_entered_old>;
    case EventKind::group_departed:
      return kUnder<Topic::group_departed, Topic::group_departed_old>;
    case EventKind::group_members:
      return kUnder<Topic::group_members>;
    case EventKind::group_changed:
      return kUnder<Topic::group_changed>;
    case EventKind::group_request:
      return kUnder<Topic::group_request>;
    case EventKind::raw_part:
      return kUnder<Topic::raw_part>;
    case EventKind::presence:
      return kUnder<Topic::presence>;
    case EventKind::lid_mapping:
      return kUnder<Topic::lid_mapping>;
    case EventKind::number_changed:
      return kUnder<Topic::number_changed>;
    case EventKind::reaction:
      return kUnder<Topic::reaction>;
    case EventKind::edited:
      return kUnder<Topic::edited>;
    case EventKind::revoked:
      return kUnder<Topic::revoked>;
    case EventKind::vote:
      return kUnder<Topic::vote>;
    case EventKind::vote_failed:
      return kUnder<Topic::vote_failed>;
    case EventKind::event_response:
      return kUnder<Topic::event_response>;
    case EventKind::event_response_failed:
      return kUnder<Topic::event_response_failed>;
  }
  return {};
}

std::optional<EventKind> event_kind(int stored) {
  const auto kind = static_cast<EventKind>(stored);
  if (kind == EventKind::as_told || !topics_of(kind).empty()) return kind;
  return std::nullopt;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::MessageEvent& message) {
  if (config.ignored.cover(message.chat) || message.type == "setting") return std::nullopt;
  if (message.unread != engine::Unread::no) return EventKind::message_waiting;
  return message.from_me ? EventKind::message_out : EventKind::message_in;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AboutEvent& about) {
  using What = engine::AboutEvent::What;
  if (config.ignored.cover(about.by.chat)) return std::nullopt;
  switch (about.what) {
    case What::reaction:
      return EventKind::reaction;
    case What::edited:
      return EventKind::edited;
    case What::revoked:
      return EventKind::revoked;
    case What::vote:
      return about.unread ? EventKind::vote_failed : EventKind::vote;
    case What::response:
      return about.unread ? EventKind::event_response_failed : EventKind::event_response;
  }
  return std::nullopt;
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

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::GroupEvent& event) {
  using What = engine::GroupEvent::What;
  if (config.ignored.cover(event.group)) return std::nullopt;
  switch (event.what) {
    case What::entered:
      return EventKind::group_entered;
    case What::departed:
      return EventKind::group_departed;
    case What::joined:
    case What::left:
    case What::promoted:
    case What::demoted:
      return EventKind::group_members;
    case What::changed:
      return EventKind::group_changed;
    case What::asked:
    case What::rejected:
    case What::revoked:
      return EventKind::group_request;
  }
  return std::nullopt;
}

std::optional<EventKind> kind_of(const SessionConfig& config, const engine::PresenceEvent& presence) {
  if (config.ignored.cover(presence.chat)) return std::nullopt;
  return EventKind::presence;
}

std::optional<EventKind> kind_of(const SessionConfig&, const engine::IdentityEvent& identity) {
  return identity.what == engine::IdentityEvent::What::moved ? EventKind::number_changed
                                                             : EventKind::lid_mapping;
}

}  // namespace pigeond::gateway
