#include "gateway/media/download.h"

#include <algorithm>
#include <utility>

#include "gateway/history/history_reading.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kFetch = 10 * kMinute;   // of one server
constexpr std::size_t kStep = 64 * 1024;  // bytes that are decrypted in one round of the loop
constexpr std::uint64_t kPadding = 16 + wire::kMediaMac;

// The path is not good any more, or the file has gone.
bool is_gone(int status) {
  return status == 401 || status == 403 || status == 404 || status == 410;
}

}  // namespace

MediaDownload::MediaDownload(net::Loop& loop, net::HttpSender& http, MediaFolder& folder, std::string spools,
                             std::uint64_t most, engine::MediaFile file, From from, Done done)
    : loop_(loop),
      http_(http),
      folder_(folder),
      spools_(std::move(spools)),
      most_(most),
      file_(std::move(file)),
      from_(std::move(from)),
      done_(std::move(done)) {
  later(&MediaDownload::fetch);
}

MediaDownload::~MediaDownload() {
  if (request_) http_.cancel(*request_);
}

void MediaDownload::later(void (MediaDownload::*work)()) {
  loop_.post([this, work, alive = std::weak_ptr<char>(life_)] {
    if (!alive.expired()) (this->*work)();
  });
}

// --- fetching ---

void MediaDownload::fetch() {
  if (file_.length > most_) return end(fail(Cause::too_large, "the file of the message"));
  if (host_ >= from_.hosts.size())
    return end(passing_.value_or(final_.value_or(fail(Cause::link_lost, "no media server is known"))));
  if (!spool_) {
    auto made = FileSpool::make(spools_);
    if (!made) return end(made.error());
    spool_ = std::move(*made);
  }
  if (auto cleared = spool_->clear(); !cleared) return end(cleared.error());
  check_.emplace(wire::media_keys(file_.media_key, file_.keys));
  net::HttpClientRequest request;
  request.method = "GET";
  request.url = (from_.tls ? "https://" : "http://") + from_.hosts[host_] + from_.path;
  request.headers = media_headers();
  request.tls = from_.trust;
  request.proxy = from_.proxy;
  request.timeout = kFetch;
  request.sink = [this](ByteView data) { return take(data); };
  request_ = http_.send(request, [this](const Result<net::HttpResponse>& answer) {
    request_.reset();
    fetched(answer);
  });
}

Status MediaDownload::take(ByteView data) {
  if (check_->size() + data.size() > most_ + kPadding)
    return fail(Cause::too_large, "the file of the message");
  check_->update(data);
  const Status stored = spool_->append(data);
  if (!stored) disk_ = stored.error();
  return stored;
}

void MediaDownload::fetched(const Result<net::HttpResponse>& answer) {
  const std::string& host = from_.hosts[host_];
  if (disk_) return end(*disk_);
  if (!answer) return failed(answer.error(), answer.cause() != Cause::too_large);
  const int status = answer->status;
  if (status != 200)
    return failed(fail(is_gone(status) ? Cause::not_found : Cause::link_lost,
                       host + " answers " + std::to_string(status), status),
                  !is_gone(status));
  if (const Status good = check_->finish(file_.enc_sha256); !good) return failed(good.error(), false);
  size_ = check_->size();
  begin();
}

// The next server may do better. What may pass is said before what will not.
void MediaDownload::failed(Error why, bool passes) {
  (passes ? passing_ : final_) = std::move(why);
  ++host_;
  fetch();
}

// --- decrypting ---

void MediaDownload::begin() {
  check_.reset();
  auto draft = folder_.draft();
  if (!draft) return end(draft.error());
  draft_ = std::move(*draft);
  reader_.emplace(wire::media_keys(file_.media_key, file_.keys), size_);
  step();
}

void MediaDownload::step() {
  const auto whole = read_on();
  if (!whole) return end(whole.error());
  if (*whole) return end(std::move(draft_));
  later(&MediaDownload::step);
}

Result<bool> MediaDownload::read_on() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, size_ - at_));
  PIGEOND_TRY(const Bytes piece, spool_->read(at_, count));
  if (piece.size() != count) return fail(Cause::io, "the file that was fetched is cut");
  Bytes content;
  PIGEOND_CHECK(reader_->read(piece, content));
  at_ += count;
  hash_.update(content);
  written_ += content.size();
  PIGEOND_CHECK(draft_->append(content));
  if (at_ < size_) return false;
  const Key32 hash = hash_.finish();
  if (!std::ranges::equal(hash, file_.sha256))
    return fail(Cause::malformed, "the file's content is not what the message says");
  if (file_.length != 0 && file_.length != written_)
    return fail(Cause::malformed, "the file's length is not what the message says");
  return true;
}

void MediaDownload::end(Result<std::unique_ptr<MediaFolder::Draft>> result) {
  spool_.reset();
  if (!result) draft_.reset();
  const auto done = std::exchange(done_, nullptr);
  if (done) done(std::move(result));
}

}  // namespace pigeond::gateway
