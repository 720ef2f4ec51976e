#include "engine/history/history.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "engine/media/path.h"
#include "engine/messages/desk.h"
#include "engine/messages/in/answers.h"
#include "wire/media_file.h"

namespace pigeond::engine {
namespace {

using Row = store::HistoryRow;
using Stage = store::HistoryRow::State;

constexpr std::size_t kRows = 1000;              // of one account; a phone sends some dozens
constexpr std::size_t kWord = 2048;              // bytes of a nonce or a handle
constexpr std::size_t kName = 256;               // bytes of a push name
constexpr std::size_t kId = 128;                 // bytes of a message's id
constexpr std::int64_t kDay = 86400;             // seconds
constexpr std::int64_t kSecretLife = 90 * kDay;  // what is older gets no votes and edits any more
constexpr std::int64_t kPatience = 14 * kDay;    // for a phone that uploads again, or a receipt's ack
constexpr int kAsks = 5;                         // of the phone, for one content
constexpr Millis kFirstDelay = 10 * kSecond;
constexpr Millis kLongestDelay = kHour;
constexpr Millis kErasing = kSecond;  // between looks whether the account before is gone
constexpr int kFailures = 32;         // of one content, over a day: then another upload may do better
constexpr std::string_view kRetryKeys = "WhatsApp Media Retry Notification";

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// What another upload may heal, and waiting will not.
bool is_final(Cause cause) {
  return cause == Cause::not_found || cause == Cause::malformed || cause == Cause::bad_mac ||
         cause == Cause::too_large;
}

}  // namespace

History::History(Desk& desk) : desk_(desk), rows_(desk.context.database, desk.context.session) {}

// --- what the phone tells ---

void History::notified(const std::string& stanza_id, const wa_HistorySyncNotification& notification) {
  Row row;
  row.stanza_id = stanza_id;
  row.kind = notification.syncType;
  row.chunk = static_cast<int>(notification.chunkOrder & 0x7fffffff);
  row.payload = notification.initialHistBootstrapInlinePayload;
  row.path = notification.directPath;
  row.media_key = notification.mediaKey;
  row.sha256 = notification.fileSHA256;
  row.enc_sha256 = notification.fileEncSHA256;
  row.handle = notification.encHandle;
  row.added = desk_.context.server_seconds();
  const bool elsewhere =
      row.payload.empty() && is_media_path(row.path) && row.media_key.size() == wire::kMediaKey;
  if (!elsewhere) row.path.clear();
  // Kinds without a content are heard of, and that is all (NO_HISTORY).
  if (row.payload.empty() && !elsewhere) row.state = Stage::read;
  if (rows_.count() >= kRows) {
    log::warning("history_refused", {{"session", desk_.context.session_name}, {"id", stanza_id}});
    return;
  }
  log::info("history_told", {{"session", desk_.context.session_name},
                             {"kind", std::to_string(row.kind)},
                             {"chunk", std::to_string(row.chunk)},
                             {"where", elsewhere ? "media server" : "here"}});
  const bool told = row.state == Stage::read;
  rows_.insert(row);
  if (told) desk_.stanzas.send(receipt(row));
  looked_ = false;
  next();
}

// --- reading ---

void History::next() {
  if (looked_ || reading_) return;
  const auto row = next_row();
  looked_ = !row;
  if (!row) return;
  if (rows_.being_erased()) {
    retry_at_ = desk_.context.now.mono + kErasing;
    return;
  }
  if (row->payload.empty() && desk_.media_servers.known() == nullptr) return ask_where();
  fetch(*row);
}

// What lies on the media servers is looked at again with the next login, or once its wait is over.
std::optional<Row> History::next_row() {
  const bool reachable = desk_.stanzas.online() && !retry_at_;
  auto row = rows_.first_after(0, Stage::wanted);
  for (; row; row = rows_.first_after(row->id, Stage::wanted)) {
    if (!row->payload.empty()) return row;
    const auto wait = waits_.find(row->id);
    if (reachable && (wait == waits_.end() || !wait->second.until)) return row;
  }
  return row;
}

void History::ask_where() {
  if (std::exchange(asking_, true)) return;
  desk_.media_servers.ask([this](const Result<MediaHosts>& hosts) {
    asking_ = false;
    if (!hosts && hosts.cause() == Cause::link_lost) return;
    if (!hosts) return servers_unknown(hosts.error());
    failures_ = 0;
    next();
  });
}

void History::fetch(const Row& row) {
  reading_ = row.id;
  FetchHistory wanted;
  wanted.row = row.id;
  wanted.payload = row.payload;
  if (row.payload.empty()) {
    wanted.hosts = desk_.media_servers.known()->names;
    wanted.path = media_target(row.path, row.enc_sha256, "md-msg-hist");
    wanted.media_key = row.media_key;
    wanted.sha256 = row.enc_sha256;
  }
  desk_.context.emit(std::move(wanted));
}

void History::take(std::int64_t row, const HistoryItems& items) {
  if (reading_ != row) return;
  for (const auto& pair : items.pairs) desk_.lids.learn(pair.pn, pair.lid, LidDirectory::Seen::in_passing);
  for (const auto& token : items.tokens)
    desk_.tokens.from_history(token.chat, {token.token, token.timestamp, token.issued});
  for (const auto& name : items.names) take_name(name.user, name.name);
  for (const auto& secret : items.secrets) take_secret(secret);
  // What came in meanwhile is newer than one of which no time is told.
  for (const auto& timer : items.timers)
    desk_.timers.set(timer.chat, {.seconds = timer.seconds, .set = timer.set},
                     std::max<std::int64_t>(timer.set, 1));
  if (!items.salt.empty()) desk_.tokens.set_salt(items.salt);
  auto& credentials = desk_.context.credentials;
  if (!items.nonce.empty() && items.nonce.size() <= kWord && is_printable(items.nonce) &&
      std::exchange(credentials.companion_meta_nonce, items.nonce) != items.nonce)
    store::CredentialsTable(desk_.context.database, desk_.context.session).save(credentials);
}

void History::take_name(const wire::Jid& user, const std::string& name) {
  if (name.empty() || name.size() > kName) return;
  auto& credentials = desk_.context.credentials;
  if (!desk_.lids.is_own(user)) return rows_.put_name(desk_.lids.canonical(user).text(), name);
  if (std::exchange(credentials.push_name, name) == name) return;
  store::CredentialsTable(desk_.context.database, desk_.context.session).save(credentials);
}

void History::take_secret(const HistoryItems::Secret& secret) {
  if (secret.id.size() > kId || secret.timestamp < desk_.context.server_seconds() - kSecretLife) return;
  const wire::Jid sender =
      secret.from_me ? desk_.lids.canonical(desk_.context.credentials.pn.without_device()) : secret.sender;
  rows_.put_secret({desk_.lids.canonical(secret.chat).text(), desk_.lids.canonical(sender).text(), secret.id,
                    secret.secret, secret.timestamp});
}

void History::ended(std::int64_t id, const Status& status) {
  if (reading_ != id) return;
  reading_.reset();
  const auto row = rows_.find(id);
  if (row && status)
    read(*row);
  else if (row && is_final(status.cause()))
    ask_again(*row, status.error());
  else if (row)
    put_off(*row, status.error());
  next();
}

// --- how it ends ---

void History::read(const Row& row) {
  log::info("history_read", {{"session", desk_.context.session_name},
                             {"kind", std::to_string(row.kind)},
                             {"chunk", std::to_string(row.chunk)}});
  waits_.erase(row.id);
  rows_.set_state(row.id, Stage::read, row.asks);
  desk_.stanzas.send(receipt(row));
  const MediaHosts* servers = desk_.media_servers.known();
  if (row.path.empty() || servers == nullptr) return;
  // The file is of no use to anybody any more: whatsmeow and the web client delete it as well.
  DeleteHistory done;
  const std::string token = percent_encoded(media_token(row.enc_sha256));
  done.host = servers->names.front();
  done.path = "/mms/md-msg-hist/" + token + "?auth=" + percent_encoded(servers->auth) + "&token=" + token +
              "&d_md=" + base64url(as_bytes(row.path.substr(0, row.path.find('?'))));
  if (!row.handle.empty() && row.handle.size() <= kWord) {
    done.path += "&e_handle=" + percent_encoded(row.handle);
    done.secret = desk_.context.credentials.companion_meta_nonce;
  }
  desk_.context.emit(std::move(done));
}

void History::ask_again(const Row& row, const Error& why) {
  log::warning("history_unreadable", {{"session", desk_.context.session_name},
                                      {"kind", std::to_string(row.kind)},
                                      {"cause", std::string(cause_name(why.cause))},
                                      {"detail", why.detail},
                                      {"asks", std::to_string(row.asks)}});
  waits_.erase(row.id);
  if (row.asks >= kAsks || row.media_key.size() != wire::kMediaKey) return rows_.remove(row.id);
  rows_.set_state(row.id, Stage::asked, row.asks + 1);
  desk_.stanzas.send(repair_request(row));
}

void History::put_off(const Row& row, const Error& why) {
  Wait& wait = waits_[row.id];
  if (++wait.failures >= kFailures) return ask_again(row, why);
  wait.until = desk_.context.now.mono + delay_after(wait.failures, why);
  desk_.media_servers.doubt();  // other ones may do better
}

void History::servers_unknown(const Error& why) {
  retry_at_ = desk_.context.now.mono + delay_after(++failures_, why);
  looked_ = false;
  next();
}

Millis History::delay_after(int failures, const Error& why) {
  const Millis delay = std::min(kFirstDelay << std::min(failures - 1, 16), kLongestDelay);
  log::warning("history_waits", {{"session", desk_.context.session_name},
                                 {"cause", std::string(cause_name(why.cause))},
                                 {"detail", why.detail},
                                 {"delay_ms", std::to_string(delay)}});
  return delay + static_cast<Millis>(desk_.context.random.below(static_cast<std::uint64_t>(delay / 4)));
}

wire::Node History::receipt(const Row& row) const {
  return history_receipt(desk_, row.stanza_id);
}

// Asks the phone to upload the content again. As for media (Baileys Utils/messages-media.ts), and without
// their <rmr> (whatsmeow SendHistorySyncServerErrorReceipt):
//   key = HKDF-SHA256(media key, no salt, info, 32); AES-256-GCM of ServerErrorReceipt{1 stanza id}, with
//   that id as the additional data
wire::Node History::repair_request(const Row& row) const {
  const Bytes key = crypto::hkdf_sha256({}, row.media_key, as_bytes(kRetryKeys), 32);
  const auto iv = desk_.context.random.array<12>();
  Bytes plain = {0x0a, static_cast<std::uint8_t>(row.stanza_id.size() & 0x7f)};
  plain.insert(plain.end(), row.stanza_id.begin(), row.stanza_id.end());
  wire::Node encrypt("encrypt"), receipt("receipt");
  encrypt.add(wire::Node("enc_p").body(crypto::aes_gcm_seal(key, iv, as_bytes(row.stanza_id), plain)));
  encrypt.add(wire::Node("enc_iv").body(to_bytes(ByteView(iv))));
  receipt.set("id", row.stanza_id)
      .set("to", desk_.context.credentials.pn.without_device())
      .set("type", "server-error")
      .set("category", "peer");
  return receipt.add(std::move(encrypt));
}

void History::acked(const wire::Node& ack) {
  const std::string id = ack.attr("id");
  if (!ack.is("type", "hist_sync")) return;
  for (const auto& row : rows_.all(Stage::read))
    if (row.stanza_id == id) rows_.remove(row.id);
}

// --- links and time ---

void History::online() {
  rows_.remove_before(desk_.context.server_seconds() - kPatience);
  for (const auto& row : rows_.all(Stage::read)) desk_.stanzas.send(receipt(row));
  for (const auto& row : rows_.all(Stage::asked)) desk_.stanzas.send(repair_request(row));
  retry_at_.reset();
  for (auto& [row, wait] : waits_) wait.until.reset();
  looked_ = false;
  next();
}

void History::offline() {
  asking_ = false;
}

void History::wake() {
  const auto next_one = next_wake();
  if (!next_one || desk_.context.now.mono < *next_one) return;
  const auto over = [this](const std::optional<Millis>& until) {
    return until && *until <= desk_.context.now.mono;
  };
  if (over(retry_at_)) retry_at_.reset();
  for (auto& [row, wait] : waits_)
    if (over(wait.until)) wait.until.reset();
  looked_ = false;
  next();
}

std::optional<Millis> History::next_wake() const {
  std::optional<Millis> soonest = retry_at_;
  for (const auto& [row, wait] : waits_)
    if (wait.until) soonest = std::min(soonest.value_or(*wait.until), *wait.until);
  return soonest;
}

void History::forget() {
  looked_ = false;
  reading_.reset();
  retry_at_.reset();
  waits_.clear();
  failures_ = 0;
}

}  // namespace pigeond::engine
