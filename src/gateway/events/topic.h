// What a program that wants events chooses among. An event is told once for each topic that it belongs to,
// and each telling has an id and a text of its own. What a topic is called, a surface says.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace pigeond::gateway {

enum class Topic {
  session_status,
  message_in,   // of others
  message_any,  // of others, and our own
  ack,          // of a message in a chat with one person
  group_ack,
  message_waiting,  // one that can't be shown yet
  call_received,
  call_accepted,
  call_rejected,
  group_entered,
  group_departed,
  group_members,
  group_changed,
  group_request,
  group_entered_old,  // in the shape of before
  group_departed_old,
  raw_part,  // what came as a message, and nobody here can show
  presence,
  lid_mapping,
  number_changed,
  reaction,
  edited,
  revoked,
  vote,
  vote_failed,  // one that can't be read
  event_response,
  event_response_failed,
};
inline constexpr Topic kTopics[] = {Topic::session_status,
                                    Topic::message_in,
                                    Topic::message_any,
                                    Topic::ack,
                                    Topic::group_ack,
                                    Topic::message_waiting,
                                    Topic::call_received,
                                    Topic::call_accepted,
                                    Topic::call_rejected,
                                    Topic::group_entered,
                                    Topic::group_departed,
                                    Topic::group_members,
                                    Topic::group_changed,
                                    Topic::group_request,
                                    Topic::group_entered_old,
                                    Topic::group_departed_old,
                                    Topic::raw_part,
                                    Topic::presence,
                                    Topic::lid_mapping,
                                    Topic::number_changed,
                                    Topic::reaction,
                                    Topic::edited,
                                    Topic::revoked,
                                    Topic::vote,
                                    Topic::vote_failed,
                                    Topic::event_response,
                                    Topic::event_response_failed};

// A set of them, of up to 64.
class Topics {
 public:
  constexpr Topics() = default;
  constexpr Topics(std::initializer_list<Topic> topics) {
    for (const Topic topic : topics) add(topic);
  }
  static constexpr Topics all() {
    Topics out;
    for (const Topic topic : kTopics) out.add(topic);
    return out;
  }

  constexpr void add(Topic topic) { bits_ |= bit(topic); }
  constexpr void add(Topics topics) { bits_ |= topics.bits_; }
  constexpr Topics without(Topic topic) const {
    Topics out = *this;
    out.bits_ &= ~bit(topic);
    return out;
  }
  constexpr bool has(Topic topic) const { return (bits_ & bit(topic)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Topics&) const = default;

 private:
  static constexpr std::uint64_t bit(Topic topic) { return std::uint64_t{1} << static_cast<unsigned>(topic); }
  std::uint64_t bits_ = 0;
};

}  // namespace pigeond::gateway
