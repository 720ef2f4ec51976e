#include "gateway/session/health.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/messages/out/send_causes.h"

namespace pigeond::gateway {
namespace {

using What = SendHealth::Verdict::What;

constexpr Millis kDelays[] = {1 * kSecond, 5 * kSecond, 20 * kSecond, kMinute, 3 * kMinute};

constexpr std::size_t kTracked = 1000;  // chats in trouble; about 200 bytes each

// A fifth up or down, so that sessions which fell ill together don't come back in step.
Millis delay_of(int restart, Random& random) {
  const auto step = std::min<std::size_t>(static_cast<std::size_t>(restart), std::size(kDelays) - 1);
  const Millis fifth = kDelays[step] / 5;
  return kDelays[step] - fifth + static_cast<Millis>(random.below(static_cast<std::uint64_t>(2 * fifth + 1)));
}

}  // namespace

SendHealth::Chat& SendHealth::trouble_of(Millis mono, const std::string& chat) {
  if (failing_.size() >= kTracked && !failing_.contains(chat))
    failing_.erase(std::min_element(failing_.begin(), failing_.end(), [](const auto& a, const auto& b) {
      return a.second.since < b.second.since;
    }));
  return failing_.try_emplace(chat, Chat{mono, {}, false}).first->second;
}

void SendHealth::troubled(Millis mono, const std::string& chat) {
  trouble_of(mono, chat);
}

SendHealth::Verdict SendHealth::held(Millis mono, const std::string& chat, const std::string& id) {
  Chat& trouble = trouble_of(mono, chat);
  if (trouble.messages.size() < kMessages) trouble.messages.insert(id);
  trouble.alone_suspicious = true;
  if (others_succeeded(trouble)) return {What::nothing, 0, {id}, false};
  held_[id] = chat;
  if (planned_) return {};
  if (blames_session()) return escalate(mono);
  held_.erase(id);
  return {What::nothing, 0, {id}, false};
}

SendHealth::Verdict SendHealth::ended(Millis mono, const std::string& chat, const std::string& id,
                                      const Error* error) {
  held_.erase(id);
  if (error == nullptr) {
    failing_.erase(chat);
    last_success_ = mono;
    tries_ = 0;
    Verdict verdict;
    verdict.called_off = std::exchange(planned_, false);
    // What other chats hold is their own matter now.
    for (const auto& [held_id, held_chat] : std::exchange(held_, {})) verdict.ends.push_back(held_id);
    return verdict;
  }
  const auto suspicion = engine::send_cause_of(*error).suspicion;
  if (suspicion == engine::Suspicion::none) return {};
  Chat& trouble = trouble_of(mono, chat);
  if (trouble.messages.size() < kMessages) trouble.messages.insert(id);
  if (suspicion == engine::Suspicion::one_chat) trouble.alone_suspicious = true;
  return !planned_ && !others_succeeded(trouble) && blames_session() ? escalate(mono) : Verdict{};
}

// One chat alone costs one restart; more only when it goes on failing while nothing else succeeds.
bool SendHealth::blames_session() const {
  std::size_t bad = 0, suspicious = 0;
  const Chat* one = nullptr;
  for (const auto& [name, chat] : failing_) {
    if (chat.messages.empty() || others_succeeded(chat)) continue;
    ++bad;
    if (!chat.alone_suspicious) continue;
    ++suspicious;
    one = &chat;
  }
  if (bad >= kChats || suspicious >= 2) return true;
  return suspicious == 1 && (tries_ == 0 || one->messages.size() >= kMessages);
}

SendHealth::Verdict SendHealth::escalate(Millis mono) {
  while (!restarts_.empty() && mono - restarts_.front() >= kWindow) restarts_.pop_front();
  if (static_cast<int>(restarts_.size()) >= budget_) {
    Verdict verdict{What::give_up, 0, {}, false};
    for (const auto& [id, chat] : std::exchange(held_, {})) verdict.ends.push_back(id);
    return verdict;
  }
  const Millis delay = delay_of(static_cast<int>(restarts_.size()), random_);
  restarts_.push_back(mono + delay);
  ++tries_;
  planned_ = true;
  return {What::restart, delay, {}, false};
}

void SendHealth::are_one(const std::string& other, const std::string& chat) {
  auto known = failing_.extract(other);
  if (!known.empty()) {
    const auto [found, fresh] = failing_.try_emplace(chat, known.mapped());
    found->second.since = std::min(found->second.since, known.mapped().since);
    found->second.alone_suspicious |= known.mapped().alone_suspicious;
    if (!fresh) found->second.messages.merge(known.mapped().messages);
  }
  for (auto& [id, held_chat] : held_)
    if (held_chat == other) held_chat = chat;
}

void SendHealth::restarted() {
  planned_ = false;
  held_.clear();  // they are tried again
}

void SendHealth::reset() {
  failing_.clear();
  held_.clear();
  restarts_.clear();
  tries_ = 0;
  planned_ = false;
}

}  // namespace pigeond::gateway
