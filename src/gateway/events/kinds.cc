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
constexpr Topic kGroupEntered[] = {Topic::group_entered, Topic::group_entered_old};
constexpr Topic kGroupDeparted[] = {Topic::group_departed, Topic::group_departed_old};
constexpr Topic kGroupMembers[] = {Topic::group_members};
constexpr Topic kGroupChanged[] = {Topic::group_changed};
constexpr Topic kGroupRequest[] = {Topic::group_request};
constexpr Topic kRawPart[] = {Topic::raw_part};
constexpr Topic kPresence[] = {Topic::presence};
constexpr Topic kLidMapping[] = {Topic::lid_mapping};
constexpr Topic kNumberChanged[] = {Topic::number_changed};
constexpr Topic kReaction[] = {Topic::reaction};
constexpr Topic kEdited[] = {Topic::edited};
constexpr Topic kRevoked[] = {Topic::revoked};
constexpr Topic kVote[] = {Topic::vote};
constexpr Topic kVoteFailed[] = {Topic::vote_failed};
constexpr Topic kEventResponse[] = {Topic::event_response};
constexpr Topic kEventResponseFailed[] = {Topic::event_response_failed};

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
    case EventKind::group_entered:
      return kGroupEntered;
    case EventKind::group_departed:
      return kGroupDeparted;
    case EventKind::group_members:
      return kGroupMembers;
    case EventKind::group_changed:
      return kGroupChanged;
    case EventKind::group_request:
      return kGroupRequest;
    case EventKind::raw_part:
      return kRawPart;
    case EventKind::presence:
      return kPresence;
    case EventKind::lid_mapping:
      return kLidMapping;
    case EventKind::number_changed:
      return kNumberChanged;
    case EventKind::reaction:
      return kReaction;
    case EventKind::edited:
      return kEdited;
    case EventKind::revoked:
      return kRevoked;
    case EventKind::vote:
      return kVote;
    case EventKind::vote_failed:
      return kVoteFailed;
    case EventKind::event_response:
      return kEventResponse;
    case EventKind::event_response_failed:
      return kEventResponseFailed;
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
