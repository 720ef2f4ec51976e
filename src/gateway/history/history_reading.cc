#include "gateway/history/history_reading.h"

#include <algorithm>
#include <utility>

namespace pigeond::gateway {
namespace {

constexpr Millis kFetch = 10 * kMinute;
// A turn ends after so much, whichever comes first. Of what is inflated at once a thousandth is read: zlib
// makes at most a thousand bytes of one.
constexpr std::size_t kStep = 2 * 1024;   // bytes that are looked at together
constexpr std::size_t kTurn = 64 * 1024;  // bytes of the file
constexpr std::size_t kItems = 400;
constexpr std::size_t kNotFound = 404, kGone = 410, kUnauthorized = 401, kForbidden = 403;

// The path is not good any more, or the file has gone: whatsmeow asks for another upload then.
bool is_gone(int status) {
  const auto code = static_cast<std::size_t>(status);
  return code == kNotFound || code == kGone || code == kUnauthorized || code == kForbidden;
}

}  // namespace

std::vector<net::HttpHeader> media_headers() {
  return {{"Origin", "https://web.whatsapp.com"}, {"Referer", "https://web.whatsapp.com/"}};
}

HistoryReading::HistoryReading(net::Loop& loop, Outside& outside, HistoryTurns& turns, net::ProxyRef proxy,
                               engine::FetchHistory wanted, Callbacks callbacks)
    : loop_(loop),
      outside_(outside),
      proxy_(std::move(proxy)),
      wanted_(std::move(wanted)),
      callbacks_(std::move(callbacks)) {
  if (wanted_.payload.empty())
    turn_.emplace(turns, [this] { fetch(); });
  else
    later(&HistoryReading::begin);
}

HistoryReading::~HistoryReading() {
  if (request_) outside_.media().cancel(*request_);
}

void HistoryReading::later(void (HistoryReading::*work)()) {
  loop_.post([this, work, alive = std::weak_ptr<char>(life_)] {
    if (!alive.expired()) (this->*work)();
  });
}

// --- fetching ---

void HistoryReading::fetch() {
  if (host_ >= wanted_.hosts.size()) return give_up();
  if (!spool_) {
    auto made = outside_.make_spool();
    if (!made) return end(made.error());
    spool_ = std::move(*made);
  }
  if (auto cleared = spool_->clear(); !cleared) return end(cleared);
  check_.emplace(wire::media_keys(wanted_.media_key, wire::kHistoryKeys));
  auto request = outside_.media_request(wanted_.hosts[host_], wanted_.path);
  request.proxy = proxy_;
  request.method = "GET";
  request.timeout = kFetch;
  request.headers = media_headers();
  request.sink = [this](ByteView data) { return take(data); };
  request_ = outside_.media().send(request, [this](const Result<net::HttpResponse>& answer) {
    request_.reset();
    fetched(answer);
  });
}

Status HistoryReading::take(ByteView data) {
  if (check_->size() + data.size() > kLongestFile) return fail(Cause::too_large, "the history's file");
  check_->update(data);
  return spool_->append(data);
}

void HistoryReading::fetched(const Result<net::HttpResponse>& answer) {
  const std::string& host = wanted_.hosts[host_];
  ++host_;
  if (answer && answer->status == 200) {
    const Status good = check_->finish(wanted_.sha256);
    if (good) {
      size_ = check_->size();
      return begin();
    }
    final_ = good.error();
  } else if (answer && is_gone(answer->status)) {
    final_ = fail(Cause::not_found, host + " answers " + std::to_string(answer->status), answer->status);
  } else if (!answer && answer.cause() == Cause::too_large) {
    final_ = answer.error();
  } else {
    passing_ =
        answer ? fail(Cause::link_lost, host + " answers " + std::to_string(answer->status), answer->status)
               : answer.error();
  }
  fetch();
}

// What may pass is tried again before the phone is troubled.
void HistoryReading::give_up() {
  end(passing_.value_or(final_.value_or(fail(Cause::link_lost, "no media server is known"))));
}

// --- reading ---

void HistoryReading::begin() {
  check_.reset();
  if (wanted_.payload.empty())
    file_.emplace(wire::media_keys(wanted_.media_key, wire::kHistoryKeys), size_);
  else
    size_ = wanted_.payload.size();
  step();
}

void HistoryReading::more() {
  later(&HistoryReading::step);
}

void HistoryReading::step() {
  const auto whole = read_on();
  if (!whole) return end(whole.error());
  if (reader_.items().size() > 0) return callbacks_.piece(reader_.take());
  if (*whole) return end({});
  later(&HistoryReading::step);
}

// True: there is no more. Items that are read already are told before.
Result<bool> HistoryReading::read_on() {
  const std::uint64_t until = at_ + kTurn;
  Bytes content;
  while (at_ < size_ && at_ < until && reader_.items().size() < kItems) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, size_ - at_));
    content.clear();
    if (file_) {
      PIGEOND_TRY(const Bytes piece, spool_->read(at_, count));
      if (piece.size() != count) return fail(Cause::io, "the history's file is cut");
      PIGEOND_CHECK(file_->read(piece, content));
    } else {
      const auto piece = ByteView(wanted_.payload).subspan(static_cast<std::size_t>(at_), count);
      content.assign(piece.begin(), piece.end());
    }
    at_ += count;
    PIGEOND_CHECK(inflate_.feed(content, [this](ByteView data) { return reader_.feed(data); }));
  }
  if (at_ < size_) return false;
  if (!inflate_.ended()) return fail(Cause::malformed, "the history's zlib stream is cut off");
  PIGEOND_CHECK(reader_.end());
  return true;
}

void HistoryReading::end(const Status& status) {
  spool_.reset();
  turn_.reset();
  const auto ended = std::move(callbacks_.ended);
  if (ended) ended(status);
}

}  // namespace pigeond::gateway
