#include "engine/account/privacy.h"

#include <utility>

#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

// <privacy><category name="readreceipts" value="all|none"/>…</privacy>, whole or what has changed.
std::optional<bool> read(const wire::Node& privacy) {
  std::optional<bool> shows;
  privacy.each("category", [&](const wire::Node& category) {
    if (category.is("name", "readreceipts")) shows = !category.is("value", "none");
  });
  return shows;
}

}  // namespace

void Privacy::shows_reads(std::function<void(Result<bool>)> answered) {
  if (shows_reads_) return answered(*shows_reads_);
  waiting_.push_back(std::move(answered));
  if (waiting_.size() > 1) return;
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "privacy").add(wire::Node("privacy"));
  desk_.query(std::move(iq), [this](const Result<wire::Node>& result) {
    if (!result) return answer(result.error());
    const auto* privacy = result->child("privacy");
    const auto shows = privacy != nullptr ? read(*privacy) : std::nullopt;
    if (!shows) return answer(fail(Cause::malformed, "privacy settings without that of read receipts"));
    shows_reads_ = shows;
    answer(*shows);
  });
}

void Privacy::answer(const Result<bool>& shows) {
  for (const auto& answered : std::exchange(waiting_, {})) answered(shows);
}

bool Privacy::take(const wire::Node& notification) {
  if (!notification.is("type", "account_sync")) return false;
  const auto* privacy = notification.child("privacy");
  if (privacy == nullptr) return false;
  learn(*privacy);
  return true;
}

void Privacy::learn(const wire::Node& privacy) {
  if (const auto shows = read(privacy)) shows_reads_ = shows;
}

}  // namespace pigeond::engine
