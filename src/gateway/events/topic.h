// What a program that wants events chooses among. An event is told once for each topic that it belongs to,
// and each telling has an id and a text of its own. What a topic is called, a surface says.
#pragma once

#include <array>
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
// All of them.
inline constexpr auto kTopics = [] {
  std::array<Topic, static_cast<std::size_t>(Topic::event_response_failed) + 1> all{};  // the last one
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Topic>(i);
  return all;
}();

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
