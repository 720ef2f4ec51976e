#include "engine/messages/in/placeholders.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/history/history_reader.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/out/message_id.h"

namespace pigeond::engine {
namespace {

using Stage = store::PlaceholderRow::State;

constexpr std::size_t kRows = 1000;        // of one account: whoever sends nonsense pushes out the oldest
constexpr std::size_t kTidied = 64;        // rows, after which what is beyond that goes
constexpr std::size_t kOfOne = 64;         // of one sender that wait to be asked for; others have their turn
constexpr std::size_t kId = 128;           // bytes of a message's id
constexpr std::size_t kName = 256;         // bytes of a push name
constexpr std::int64_t kAge = 14 * 86400;  // seconds; the web client's setting 3639
constexpr int kAsks = 12;                  // requests for one message that are written in an hour or so
constexpr Millis kNoAck = 20 * kSecond;    // a request without an ack for so long is lost
constexpr Millis kFirstDelay = 10 * kSecond, kLongestDelay = 10 * kMinute;  // before it is written again
constexpr Millis kRarely = 6 * kHour;                                       // and from then on
constexpr std::size_t kOpen = 16;                                           // requests without an answer
constexpr Millis kOpenFor = 30 * kSecond;    // a phone that takes longer is off, and answers when it is on
constexpr std::size_t kAnHour = 240;         // requests
constexpr Millis kWithoutSession = kMinute;  // until the phone's keys are asked for once more
constexpr Millis kNotSealed = kMinute;       // until a request that could not be encrypted is tried again
constexpr std::size_t kResults = 64;         // of one answer
constexpr std::uint32_t kInfoMessage = 2;    // field of WebMessageInfo

Bytes request_of(const store::PlaceholderRow& row) {
  wa_PeerDataOperationRequestMessage_PlaceholderMessageResendRequest wanted{};
  wanted.has_messageKey = true;
  wa_MessageKey& key = wanted.messageKey;
  key.remoteJID = row.chat.without_device().text();
  key.has_fromMe = true;
  key.fromMe = row.from_me;
  key.id = row.stanza_id;
  if (!row.from_me && !row.chat.is_user()) key.participant = row.sender.without_device().text();
  auto message = std::make_unique<wa_Message>();
  message->has_protocolMessage = true;
  message->protocolMessage.has_type = true;
  message->protocolMessage.type = wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_MESSAGE;
  message->protocolMessage.has_peerDataOperationRequestMessage = true;
  auto& request = message->protocolMessage.peerDataOperationRequestMessage;
  request.has_peerDataOperationRequestType = true;
  request.peerDataOperationRequestType = wa_PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND;
  request.placeholderMessageResendRequest.push_back(std::move(wanted));
  return wire::proto::encode(*message);
}

Source source_of(const store::PlaceholderRow& row) {
  Source source;
  source.id = row.stanza_id;
  source.from = source.sender = row.sender;
  source.chat = row.chat;
  source.from_me = row.from_me;
  source.timestamp = row.timestamp;
  return source;
}

}  // namespace

Placeholders::Placeholders(Desk& desk, SessionSetup& setup)
    : desk_(desk), setup_(setup), rows_(desk.context.database, desk.context.session) {}

// --- what there is ---

bool Placeholders::any() {
  if (!any_) any_ = rows_.any();
  return *any_;
}

std::optional<Placeholders::Row> Placeholders::find(const Source& source) {
  if (!any()) return std::nullopt;
  for (auto& row : rows_.of(source.id)) {
    if (row.from_me != source.from_me || !desk_.lids.same_user(row.sender, source.sender)) continue;
    if (!source.chat_known || row.chat == source.chat || desk_.lids.same_user(row.chat, source.chat))
      return std::move(row);
  }
  return std::nullopt;
}

// As the phone names it: by number, whatever it was asked by. Where nobody has told us whose number that is,
// it is the message that this request was about.
std::optional<Placeholders::Row> Placeholders::find(const wa_MessageKey& key, const std::string& request) {
  const wire::Jid chat = history_jid(key.remoteJID).without_device();
  const wire::Jid author = history_jid(key.participant).without_device();
  if (chat.empty()) return std::nullopt;
  for (auto& row : rows_.of(key.id)) {
    if (row.from_me != (key.has_fromMe && key.fromMe)) continue;
    const bool same = row.chat == chat || desk_.lids.same_user(row.chat, chat);
    const bool unknown = chat.is_pn() && row.chat.is_lid() && desk_.lids.pn(row.chat).empty();
    if (!same && !(unknown && !request.empty() && row.request == request)) continue;
    if (!author.empty() && !row.chat.is_user() && !desk_.lids.same_user(row.sender, author)) continue;
    return std::move(row);
  }
  return std::nullopt;
}

bool Placeholders::note(const Source& source, const std::string& push_name, std::optional<Millis> patience) {
  const bool from_people = source.chat.is_user() || source.chat.is_group() || source.chat.is_broadcast();
  if (source.peer || !from_people || source.id.size() > kId || find(source)) return false;
  const std::int64_t now = desk_.context.server_seconds();
  const std::string author = author_of(source.sender);
  const bool asked = patience && !source.sender.is_bot() && source.timestamp > now - kAge &&
                     (source.from_me || has_room_for(author));
  Row row;
  row.stanza_id = source.id;
  row.chat = source.chat;
  row.sender = source.sender;
  row.from_me = source.from_me;
  row.timestamp = source.timestamp;
  if (push_name.size() <= kName) row.push_name = push_name;
  row.state = asked ? Stage::wanted : Stage::kept;
  row.added = now;
  row.id = rows_.insert(row);
  any_ = true;
  // By our own count: ids are shared by all accounts.
  if (++untidied_ >= kTidied) tidy();
  if (!asked) return true;
  due_[row.id] = {desk_.context.now.mono + *patience, author};
  next();
  return true;
}

bool Placeholders::came(const Source& source) {
  const auto row = find(source);
  if (!row) return false;
  rows_.remove(row->id);
  close(row->id);
  return true;
}

// Ids of rows that are gone are given to others: nothing here may mean them any longer.
void Placeholders::close(std::int64_t row) {
  due_.erase(row);
  std::erase_if(open_, [row](const auto& open) { return open.first == row; });
  for (auto& [id, written] : written_)
    if (written.row == row) written.row = 0;
}

std::string Placeholders::author_of(const wire::Jid& sender) {
  return desk_.lids.canonical(sender.without_device()).text();
}

bool Placeholders::has_room_for(const std::string& author) const {
  const auto waiting = std::count_if(due_.begin(), due_.end(),
                                     [&author](const auto& due) { return due.second.author == author; });
  return static_cast<std::size_t>(waiting) < kOfOne;
}

void Placeholders::tidy() {
  untidied_ = 0;
  const std::int64_t gone = rows_.keep_newest(kRows);
  due_.erase(due_.begin(), due_.upper_bound(gone));
}

// --- asking for it ---

// Until when nothing can be asked for; nullopt: now.
std::optional<Millis> Placeholders::held_until() const {
  const Millis now = desk_.context.now.mono;
  Millis until = not_before_;
  if (open_.size() >= kOpen) until = std::max(until, open_.front().second + kOpenFor);
  if (asked_.size() >= kAnHour) until = std::max(until, asked_.front() + kHour);
  if (until <= now) return std::nullopt;
  return until;
}

// A request for it did not get to the phone. As long as the phone may have the message, it is asked: what is
// refused for an hour, because the account is ill, is not refused for ever.
void Placeholders::unheard(const Row& row) {
  close(row.id);
  rows_.set_state(row.id, Stage::wanted, row.asks, row.request);
  const Millis soon = std::min(kFirstDelay << std::min(std::max(row.asks - 1, 0), 16), kLongestDelay);
  due_[row.id] = {desk_.context.now.mono + (row.asks < kAsks ? soon : kRarely), author_of(row.sender)};
}

void Placeholders::give_up_on_acks() {
  std::vector<std::pair<std::string, std::int64_t>> lost;
  for (const auto& [id, written] : written_)
    if (written.at + kNoAck <= desk_.context.now.mono) lost.emplace_back(id, written.row);
  for (const auto& [id, row_id] : lost) {
    written_.erase(id);
    const auto row = rows_.find(row_id);
    if (row && row->state == Stage::sent && row->request == id) unheard(*row);
  }
}

void Placeholders::next() {
  give_up_on_acks();
  const Millis now = desk_.context.now.mono;
  while (!open_.empty() && open_.front().second + kOpenFor <= now) open_.pop_front();
  while (!asked_.empty() && asked_.front() + kHour <= now) asked_.pop_front();
  for (auto at = due_.begin(); ready_ && !fetching_ && at != due_.end() && !held_until();) {
    if (at->second.at > now) {
      ++at;
      continue;
    }
    if (renew_ || !desk_.ciphers.has_session(desk_.context.credentials.pn.without_device()))
      return fetch_session();
    const auto row = rows_.find(at->first);
    at = due_.erase(at);
    if (!row || row->state != Stage::wanted) continue;
    if (!desk_.context.ignored.cover(row->chat)) {
      ask(*row);
      continue;
    }
    rows_.remove(row->id);  // since it came: what the phone has of it would not be kept
    close(row->id);
  }
}

void Placeholders::fetch_session() {
  fetching_ = true;
  const wire::Jid phone = desk_.context.credentials.pn.without_device();
  const auto existing =
      std::exchange(renew_, false) ? SessionSetup::Existing::renew : SessionSetup::Existing::keep;
  setup_.fetch({phone}, existing, [this, phone](const Status& status) {
    fetching_ = false;
    if (!status && status.cause() == Cause::link_lost) return;
    if (!desk_.ciphers.has_session(phone)) not_before_ = desk_.context.now.mono + kWithoutSession;
    next();
  });
}

// To the number, as whatsmeow and Baileys do; whatsapp-rust writes to the LID. Where the one leads to
// nothing, the other is tried. The session is the same.
void Placeholders::ask(const Row& row) {
  const auto& own = desk_.context.credentials;
  const wire::Jid phone = own.pn.without_device();
  const bool by_lid = row.asks % 2 == 1 && !own.lid.empty();
  auto sealed = desk_.ciphers.encrypt(phone, padded(request_of(row), desk_.context.random));
  if (!sealed) {
    log::warning("placeholder_not_asked_for", {{"session", desk_.context.session_name},
                                               {"id", row.stanza_id},
                                               {"cause", std::string(cause_name(sealed.cause()))}});
    due_[row.id] = {desk_.context.now.mono + kNotSealed, author_of(row.sender)};
    return;
  }
  const std::string id = make_message_id(desk_.context.server_seconds(), own.pn.user, desk_.context.random);
  wire::Node stanza("message"), meta("meta"), enc("enc");
  stanza.set("id", id)
      .set("to", by_lid ? own.lid.without_device() : phone)
      .set("type", "text")
      .set("category", "peer")
      .set("push_priority", "high");
  stanza.add(meta.set("appdata", "default"));
  const bool pkmsg = sealed->kind == signal::Kind::pkmsg;
  enc.set("v", "2").set("type", pkmsg ? "pkmsg" : "msg").body(std::move(sealed->bytes));
  stanza.add(std::move(enc));
  if (pkmsg) stanza.add(wire::Node("device-identity").body(own.device_identity));
  rows_.set_state(row.id, Stage::sent, row.asks + 1, id);
  written_[id] = {row.id, desk_.context.now.mono};
  open_.emplace_back(row.id, desk_.context.now.mono);
  asked_.push_back(desk_.context.now.mono);
  desk_.stanzas.send(stanza);
}

bool Placeholders::acked(const wire::Node& ack) {
  const auto written = written_.find(ack.attr("id"));
  if (written == written_.end()) return false;
  const auto row = rows_.find(written->second.row);
  written_.erase(written);
  if (!row || row->state != Stage::sent || row->request != ack.attr("id")) return true;
  const bool refused = ack.has("error");
  if (refused)
    log::warning("placeholder_request_refused",
                 {{"session", desk_.context.session_name}, {"error", ack.attr("error")}});
  if (refused)
    unheard(*row);
  else
    rows_.set_state(row->id, Stage::asked, row->asks, row->request);
  next();
  return true;
}

// --- what the phone answers ---

// Nobody keeps a request to send it once more: what is asked for again is what it was about, with what has
// come from the phone meanwhile. A session that was set anew there is known here by then.
void Placeholders::unread(const wire::Node& receipt) {
  const auto from = receipt.jid("participant") ? receipt.jid("participant") : receipt.jid("from");
  if (!from || from->device != 0 || !desk_.lids.is_own(*from) || !any()) return;
  const auto row = rows_.asked_with(receipt.attr("id"));
  if (!row) return;
  log::info("placeholder_request_unread", {{"session", desk_.context.session_name}, {"id", row->stanza_id}});
  renew_ = renew_ || row->asks > 1;
  unheard(*row);
}

std::vector<Placeholders::Resent> Placeholders::answered(
    const Source& from, const wa_PeerDataOperationRequestResponseMessage& answer) {
  std::vector<Resent> out;
  if (!from.from_me || from.sender.device != 0) return out;
  const auto& results = answer.peerDataOperationResult;
  for (std::size_t i = 0; i < std::min(results.size(), kResults); ++i) {
    if (!results[i].has_placeholderMessageResendResponse) continue;
    const Bytes& bytes = results[i].placeholderMessageResendResponse.webMessageInfoBytes;
    auto info = wire::proto::decode<wa_WebMessageInfo>(bytes);
    const auto row = info && info->has_key ? find(info->key, answer.stanzaID) : std::nullopt;
    if (!row) continue;
    close(row->id);
    rows_.set_state(row->id, Stage::asked, row->asks, row->request);
    // A phone that could not read it either says so with an info without a message.
    log::info("placeholder_answered", {{"session", desk_.context.session_name},
                                       {"id", row->stanza_id},
                                       {"found", info->message ? "yes" : "no"}});
    const auto raw = find_field(bytes, kInfoMessage);
    if (!info->message || !raw) continue;
    const std::string name = row->push_name.empty() ? info->pushName.substr(0, kName) : row->push_name;
    out.push_back({source_of(*row), name, std::move(info->message), to_bytes(*raw)});
  }
  next();
  return out;
}

// --- the link ---

void Placeholders::online() {
  rows_.remove_before(desk_.context.server_seconds() - kAge);
  tidy();
  rows_.want_again();
}

void Placeholders::backlog_in() {
  ready_ = true;
  const std::int64_t oldest = desk_.context.server_seconds() - kAge;
  for (const std::int64_t row : rows_.wanted()) {
    const auto known = rows_.find(row);
    if (!known) continue;
    if (known->added < oldest)
      rows_.set_state(row, Stage::kept, known->asks, known->request);
    else
      due_.try_emplace(row, Due{desk_.context.now.mono, author_of(known->sender)});
  }
  next();
}

void Placeholders::offline() {
  ready_ = fetching_ = renew_ = false;
  not_before_ = 0;
  due_.clear();
  written_.clear();
  open_.clear();
}

void Placeholders::forget() {
  offline();
  asked_.clear();
  any_.reset();
}

void Placeholders::wake() {
  if (ready_) next();
}

std::optional<Millis> Placeholders::next_wake() const {
  if (!ready_) return std::nullopt;
  std::optional<Millis> first;
  if (!fetching_)
    for (const auto& [row, due] : due_) first = std::min(first.value_or(due.at), due.at);
  if (const auto held = held_until(); first && held) first = std::max(*first, *held);
  for (const auto& [id, written] : written_)
    first = std::min(first.value_or(written.at + kNoAck), written.at + kNoAck);
  return first;
}

}  // namespace pigeond::engine
