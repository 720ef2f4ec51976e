#include "engine/link/iq.h"

#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kErrorText = 200;               // bytes; the server's are a word or two
constexpr std::uint64_t kLongestBackoff = 7 * 86400;  // seconds; more is no sensible time to wait

}  // namespace

Error iq_error(const wire::Node& iq) {
  const auto* error = iq.child("error");
  const auto number = error ? error->number("code") : std::nullopt;
  const int code = number && *number <= 9999 ? static_cast<int>(*number) : 0;
  const auto text = error ? error->attr("text") : std::string();
  Error out =
      fail(Cause::ack_error, is_valid_utf8(text) && text.size() <= kErrorText ? text : std::string(), code);
  const auto backoff = error ? error->number("backoff") : std::nullopt;
  if (backoff && *backoff <= kLongestBackoff) out.retry_after = static_cast<Millis>(*backoff) * kSecond;
  return out;
}

bool PendingIqs::add(const std::string& id, Millis mono, IqCallback callback) {
  if (pending_.size() >= limits::kPendingIqs) return false;
  pending_[id] = {mono + kTimeout, std::move(callback)};
  return true;
}

bool PendingIqs::answer(wire::Node&& iq) {
  const auto found = pending_.find(iq.attr("id"));
  if (found == pending_.end()) return false;
  // Taken out first: the callback may ask the next question.
  const auto callback = std::move(found->second.callback);
  pending_.erase(found);
  if (!callback) return true;
  if (iq.is("type", "error")) {
    callback(iq_error(iq));
  } else {
    callback(std::move(iq));
  }
  return true;
}

void PendingIqs::expire(Millis mono) {
  std::vector<IqCallback> late;
  for (auto it = pending_.begin(); it != pending_.end();) {
    if (it->second.deadline <= mono) {
      late.push_back(std::move(it->second.callback));
      it = pending_.erase(it);
    } else {
      ++it;
    }
  }
  for (const auto& callback : late)
    if (callback) callback(fail(Cause::timed_out, "no answer from the server"));
}

void PendingIqs::fail_all(const Error& error) {
  const auto pending = std::exchange(pending_, {});
  for (const auto& [id, waiting] : pending)
    if (waiting.callback) waiting.callback(error);
}

std::optional<Millis> PendingIqs::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [id, waiting] : pending_)
    if (!next || waiting.deadline < *next) next = waiting.deadline;
  return next;
}

}  // namespace pigeond::engine
