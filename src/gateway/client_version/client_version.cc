#include "gateway/client_version/client_version.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/utc_text.h"
#include "gateway/client_version/service_worker.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kEvery = kDay;
constexpr Millis kAfterFailure = kHour;
constexpr Millis kFresh = kHour;           // what is newer needs no look before a device is linked
constexpr Millis kBetween = 10 * kSecond;  // two looks, however many sessions are refused
constexpr Millis kTime = 30 * kSecond;
// However short the service's notice is, there is time to bring a newer version (the web client's rule, as
// whatsapp-rust tells it).
constexpr std::int64_t kNotice = 3 * 86400;  // seconds

// Without these two the answer is 400 (Baileys #1929, whatsapp-rust src/version.rs).
constexpr const char* kAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
constexpr const char* kSite = "none";

std::string trouble_of(const Result<net::HttpResponse>& answer) {
  if (!answer) return std::string(cause_name(answer.cause())) + ": " + answer.error().detail;
  if (answer->status != 200) return "the answer is HTTP " + std::to_string(answer->status);
  return {};
}

}  // namespace

ClientVersionWatch::ClientVersionWatch(net::Loop& loop, net::HttpSender& http, store::Database& database,
                                       engine::ClientProfile& profile, ClientVersionOptions options,
                                       std::string ca_file, Callbacks callbacks)
    : loop_(loop),
      http_(http),
      database_(database),
      profile_(profile),
      options_(std::move(options)),
      ca_file_(std::move(ca_file)),
      callbacks_(std::move(callbacks)) {
  show();
}

ClientVersionWatch::~ClientVersionWatch() {
  loop_.cancel(timer_);
  if (request_) http_.cancel(*request_);
}

// A program that was updated may know a newer one than was learnt.
void ClientVersionWatch::load() {
  row_ = store::client_version(database_);
  if (!options_.configured) profile_.version.revision = std::max(profile_.version.revision, row_.revision);
  show();
  const auto now = state();
  log::info("client version",
            {{"version", now.version.text()}, {"source", std::string(source_name(now.source))}});
}

void ClientVersionWatch::start() {
  warn();
  const Instant now = loop_.now();
  const Millis ago = now.wall - row_.looked;
  const bool fresh = row_.looked != 0 && ago >= 0 && ago < kEvery;
  if (looks() && !fresh) return look();
  plan(now.mono + (fresh ? kEvery - ago : kEvery));
}

void ClientVersionWatch::plan(Millis mono) {
  loop_.cancel(timer_);
  planned_ = mono;
  timer_ = loop_.at(mono, [this] {
    timer_ = 0;
    planned_.reset();
    due();
  });
}

void ClientVersionWatch::due() {
  warn();
  if (looks()) return look();
  plan(loop_.now().mono + kEvery);
}

void ClientVersionWatch::doubted() {
  if (!looks()) return;
  if (request_) {
    doubted_ = true;
    return;
  }
  const Millis next = asked_at_ ? *asked_at_ + kBetween : 0;
  if (next <= loop_.now().mono) return look();
  if (!planned_ || next < *planned_) plan(next);
}

void ClientVersionWatch::linking() {
  const Millis ago = loop_.now().wall - row_.looked;
  if (!trouble_.empty() || ago < 0 || ago > kFresh) doubted();
}

void ClientVersionWatch::look() {
  if (request_) return;
  asked_at_ = loop_.now().mono;
  net::HttpClientRequest request;
  request.method = "GET";
  request.url = options_.url;
  request.headers = {{"Sec-Fetch-Site", kSite}, {"User-Agent", kAgent}, {"Accept", "*/*"}};
  request.proxy = callbacks_.way();
  request.timeout = kTime;
  request.most_body = limits::kServiceWorker;
  if (!ca_file_.empty()) request.tls.ca_file = ca_file_;
  request_ = http_.send(request, [this](const Result<net::HttpResponse>& answer) {
    request_.reset();
    answered(answer);
  });
}

void ClientVersionWatch::answered(const Result<net::HttpResponse>& answer) {
  const bool urgent = std::exchange(doubted_, false);
  trouble_ = trouble_of(answer);
  const auto revision = trouble_.empty() ? revision_in(answer->body) : std::nullopt;
  if (trouble_.empty() && !revision) trouble_ = "the answer names no version";
  if (revision) {
    row_.looked = loop_.now().wall;
    plan(loop_.now().mono + kEvery);
    learnt(*revision);
    keep();
  } else {
    log::warning("the web client's version is not told", {{"url", options_.url}, {"detail", trouble_}});
    plan(loop_.now().mono + (urgent ? kBetween : kAfterFailure));
  }
  show();
}

// What one of the service's machines told before another one caught up is no reason to go back.
void ClientVersionWatch::learnt(std::uint32_t revision) {
  row_.revision = std::max(row_.revision, revision);
  if (revision <= profile_.version.revision) return;
  log::notice("client version raised", {{"from", profile_.version.text()}, {"to", std::to_string(revision)}});
  profile_.version.revision = revision;
  show();
  callbacks_.raised();
}

// Memory may be ahead of the row, when a commit fails: it is the number that counts meanwhile, and is written
// with the next look.
void ClientVersionWatch::keep() {
  if (callbacks_.can_be_kept()) store::set_client_version(database_, row_);
}

// Only ever brought forward, for the version to which it was said; that is the web client's rule.
void ClientVersionWatch::told(const engine::ExpiryTold& expiry) {
  const std::uint32_t revision = expiry.announced.revision;
  const std::int64_t held = row_.expires_revision == revision ? row_.expires : 0;
  if (!expiry.at && held == 0) return;
  if (expiry.at && held != 0 && *expiry.at >= held) return;
  row_.expires_revision = revision;
  row_.expires = expiry.at ? std::max(*expiry.at, loop_.now().unix_seconds() + kNotice) : 0;
  keep();
  show();
  if (row_.expires == 0)
    return log::notice("client version expires no more", {{"version", expiry.announced.text()}});
  log::warning("client version expires",
               {{"version", expiry.announced.text()}, {"from", utc_text(row_.expires)}});
  doubted();
}

void ClientVersionWatch::warn() const {
  if (const auto warning = state().warning; !warning.empty())
    log::warning("client version", {{"detail", warning}});
}

void ClientVersionWatch::show() {
  using Source = ClientVersionState::Source;
  const std::lock_guard lock(mutex_);
  state_.version = profile_.version;
  state_.source = options_.configured                                            ? Source::configured
                  : profile_.version.revision > engine::kBuiltInVersion.revision ? Source::learnt
                                                                                 : Source::built_in;
  state_.looked = row_.looked;
  state_.look_trouble = trouble_;
  state_.expires = row_.expires_revision == profile_.version.revision ? row_.expires : 0;
}

ClientVersionState ClientVersionWatch::state() const {
  ClientVersionState out;
  {
    const std::lock_guard lock(mutex_);
    out = state_;
  }
  out.warning = warning_of(out, options_.judged, loop_.now().wall);
  return out;
}

}  // namespace pigeond::gateway
