#include "gateway/webhooks/queue.h"

#include <algorithm>

#include "base/limits.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kPage = 64;         // rows read at once
constexpr std::int64_t kEnvelope = 1024;  // bytes, about, that the words of an event have beyond its payload

}  // namespace

WebhookQueue::WebhookQueue(store::Database& database, std::int64_t row, std::int64_t session, std::string url)
    : database_(database), row_(row), session_(session), url_(std::move(url)), limit_(limits::kWebhookQueue) {
  last_ = committed_ = cursor_ = given_up_ = store::webhook_id(row, 0);
}

void WebhookQueue::load() {
  const auto state = store::webhook_queue_state(database_, row_);
  last_ = committed_ = state.last;
  pending_ = state.pending;
  cursor_ = given_up_ = state.pending > 0 ? state.first - 1 : state.last;
}

// --- rows ---

std::int64_t WebhookQueue::add() {
  ++added_;
  ++part_added_;
  return ++last_;
}

void WebhookQueue::part_ended(bool stands) {
  const std::int64_t added = std::exchange(part_added_, 0);
  if (stands) return;
  added_ -= added;
  last_ -= added;
}

std::optional<std::int64_t> WebhookQueue::give_up_oldest() {
  while (true) {
    const auto found = store::pending_webhooks(database_, given_up_, committed_, 1);
    if (found.empty()) return std::nullopt;
    given_up_ = found[0].id;
    if (in_call_or_ended(given_up_)) continue;
    std::erase_if(page_, [&](const store::WebhookPlace& place) { return place.id == given_up_; });
    ended_.insert(given_up_);
    --pending_;
    // Its line has no other place here: the next of it takes this one's.
    if (behind_.erase(given_up_) > 0) {
      if (const auto next = next_behind(found[0].line, given_up_)) behind_[*next] = found[0].line;
    }
    return given_up_;
  }
}

void WebhookQueue::clear() {
  clearing_ = true;
  added_ = part_added_ = 0;
}

void WebhookQueue::committed() {
  if (std::exchange(clearing_, false)) {
    calls_.clear();
    lines_.clear();
    behind_.clear();
    page_.clear();
    pending_ = 0;
    cursor_ = given_up_ = last_ - added_;
  }
  committed_ = last_;
  part_added_ = 0;
  pending_ += std::exchange(added_, 0);
}

void WebhookQueue::rolled_back() {
  last_ = committed_;
  added_ = part_added_ = 0;
  clearing_ = false;
  if (!std::exchange(unsure_, false)) return;
  walked_again_ = cursor_;
  cursor_ = given_up_ = store::webhook_id(row_, 0);
  behind_.clear();
  page_.clear();
}

// --- calls ---

std::optional<store::WebhookPlace> WebhookQueue::next_at_cursor() {
  while (true) {
    if (page_.empty()) {
      const auto rows = store::pending_webhooks(database_, cursor_, committed_, kPage);
      page_.assign(rows.begin(), rows.end());
      if (page_.empty()) return std::nullopt;
    }
    const auto place = page_.front();
    const bool passed =
        ended_.contains(place.id) || (place.id <= walked_again_ && call_of(place.id) != nullptr);
    if (!passed) return place;
    cursor_ = place.id;
    page_.pop_front();
  }
}

// The next row of the line that the cursor has passed over.
std::optional<std::int64_t> WebhookQueue::next_behind(std::int64_t line, std::int64_t after) {
  while (const auto id = store::next_in_webhook_line(database_, line, after, cursor_)) {
    if (!ended_.contains(*id)) return id;
    after = *id;
  }
  if (database_.failed()) unsure_ = true;
  return std::nullopt;
}

WebhookCall* WebhookQueue::take(std::size_t most, bool alone) {
  WebhookCall call;
  call.number = next_call_;
  std::map<std::int64_t, std::int64_t> own;  // as behind_, of lines that are in this call already
  std::size_t bytes = 0;
  const bool others = !calls_.empty();
  while (call.rows.size() < most && bytes < limits::kWebhookBatchBytes) {
    std::map<std::int64_t, std::int64_t>* from = nullptr;
    if (!own.empty()) from = &own;
    if (!behind_.empty() && (from == nullptr || behind_.begin()->first < own.begin()->first)) from = &behind_;
    store::WebhookPlace place;
    if (from != nullptr) {
      place = {from->begin()->first, from->begin()->second};
    } else if (const auto next = next_at_cursor()) {
      place = *next;
    } else {
      break;
    }
    if (others && (alone || place.line == store::kAlone || lines_.contains(store::kAlone))) break;
    if (from != nullptr) {
      from->erase(from->begin());
    } else {
      cursor_ = place.id;
      page_.pop_front();
      const auto line = lines_.find(place.line);
      if (line != lines_.end() && line->second.call != call.number) {
        line->second.behind = true;
        continue;
      }
    }
    call.rows.push_back(place.id);
    call.lines[place.line] = place.id;
    LineState& line = lines_[place.line];
    line.call = call.number;
    if (most == 1) {
      line.behind = line.behind || from != nullptr;  // looked at when the call has ended
    } else {
      bytes += static_cast<std::size_t>(store::webhook_payload_size(database_, place.id) + kEnvelope);
      if (from != nullptr) {
        if (const auto next = next_behind(place.line, place.id)) own[*next] = place.line;
      }
    }
  }
  for (const auto& [id, line] : own) lines_.at(line).behind = true;
  if (call.rows.empty()) return nullptr;
  ++next_call_;
  return &calls_.emplace(call.number, std::move(call)).first->second;
}

WebhookCall* WebhookQueue::find(std::uint64_t number) {
  const auto found = calls_.find(number);
  return found == calls_.end() ? nullptr : &found->second;
}

WebhookCall* WebhookQueue::call_of(std::int64_t id) {
  for (auto& [number, call] : calls_) {
    if (std::binary_search(call.rows.begin(), call.rows.end(), id)) return &call;
  }
  return nullptr;
}

std::size_t WebhookQueue::under_way() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [](const auto& entry) { return entry.second.under_way; }));
}

void WebhookQueue::end_first(WebhookCall& call) {
  ended_.insert(call.rows.front());
  --pending_;
  call.rows.erase(call.rows.begin());
}

void WebhookQueue::end(WebhookCall& call) {
  ended_.insert(call.rows.begin(), call.rows.end());
  pending_ -= static_cast<std::int64_t>(call.rows.size());
  for (const auto& [line, last] : call.lines) {
    const auto state = lines_.extract(line);
    if (!state.mapped().behind) continue;
    if (const auto next = next_behind(line, last)) behind_[*next] = line;
  }
  calls_.erase(call.number);
}

}  // namespace pigeond::gateway
