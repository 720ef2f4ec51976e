#include "engine/link/backlog.h"

#include <utility>

#include "base/log.h"

namespace pigeond::engine {
namespace {

// The web client's numbers.
constexpr std::uint64_t kBatch = 200;  // stanzas
constexpr Millis kAskAgain = 100;      // after the first of a batch
constexpr Millis kSilence = kMinute;   // from one stanza to the next
// What is to be sent waits for what was said meanwhile, as a ratchet that is behind costs a retry. But not
// long: the web client waits for a minute, callers of an API have thirty seconds.
constexpr Millis kPatience = 15 * kSecond;

}  // namespace

void Backlog::online() {
  if (over_) return all_in_();
  tell_at_ = context_.now.mono + kPatience;
}

void Backlog::link_down() {
  stop_asking();
  tell_at_.reset();
  over_ = false;
}

void Backlog::stop_asking() {
  expected_ = seen_ = 0;
  asked_ = false;
  ask_at_.reset();
  silent_at_.reset();
}

void Backlog::announced(const wire::Node& preview) {
  expected_ = preview.number("count").value_or(0);
  log::info("offline queue announced",
            {{"session", context_.session_name}, {"count", std::to_string(expected_)}});
  if (expected_ == 0) return;
  seen_ = 0;
  silent_at_ = context_.now.mono + kSilence;
  ask();
}

void Backlog::ask() {
  ask_at_.reset();
  asked_ = true;
  wire::Node ib("ib");
  stanzas_.send(ib.add(wire::Node("offline_batch").set("count", kBatch)));
}

// The last of what was announced needs no further question: <offline/> follows.
void Backlog::received(const wire::Node& stanza) {
  if (!silent_at_ || !stanza.has("offline")) return;
  silent_at_ = context_.now.mono + kSilence;
  const bool first = std::exchange(asked_, false);
  if (++seen_ >= expected_)
    ask_at_.reset();
  else if (first)
    ask_at_ = context_.now.mono + kAskAgain;
}

void Backlog::ended(const wire::Node& offline) {
  log::info("offline queue delivered",
            {{"session", context_.session_name}, {"count", offline.attr("count")}});
  stop_asking();
  over_ = true;
  if (tell_at_) tell();
}

void Backlog::tell() {
  tell_at_.reset();
  all_in_();
}

void Backlog::wake() {
  const Millis mono = context_.now.mono;
  if (ask_at_ && mono >= *ask_at_) ask();
  if (silent_at_ && mono >= *silent_at_) {
    log::warning("the offline queue was not delivered whole", {{"session", context_.session_name},
                                                               {"announced", std::to_string(expected_)},
                                                               {"came", std::to_string(seen_)}});
    stop_asking();
  }
  if (tell_at_ && mono >= *tell_at_) tell();
}

std::optional<Millis> Backlog::next_wake() const {
  std::optional<Millis> next;
  for (const auto& due : {ask_at_, silent_at_, tell_at_})
    if (due && (!next || *due < *next)) next = due;
  return next;
}

}  // namespace pigeond::engine
