#include "engine/messages/outgoing.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "engine/messages/acks.h"
#include "engine/messages/content.h"
#include "engine/messages/message_id.h"
#include "engine/messages/phash.h"
#include "wire/codec.h"

namespace pigeond::engine {
namespace {

constexpr Millis kAckTimeout = 20 * kSecond;
constexpr int kAttempts = 5;  // writes of one message, over all links
// A device that turns out to be gone drops the list that named it: then it is asked for once more.
constexpr int kDeviceQueries = 2;
constexpr std::size_t kIdLength = 64;

std::string hash_of(const Targets& targets) {
  std::vector<wire::Jid> all = targets.recipients;
  all.insert(all.end(), targets.own.begin(), targets.own.end());
  return participant_hash(all);
}

}  // namespace

void Outgoing::accept(SendText request) {
  const wire::Jid shown = desk_.lids.shown(request.to);
  const auto refuse = [&](Error why) {
    done(request.request, request.id, shown, Result<int>(std::move(why)), 0);
  };
  if (request.to.is_group() || request.to.is_broadcast() || request.to.is_newsletter())
    return refuse(
        fail(Cause::unsupported, "chatId: sending to groups, lists and channels is not supported yet"));
  if (!request.to.is_user() || request.to.user.empty()) return refuse(fail(Cause::bad_input, "chatId"));
  if (request.text.empty()) return refuse(fail(Cause::bad_input, "text"));
  if (request.id.size() > kIdLength) return refuse(fail(Cause::bad_input, "id"));
  if (jobs_.size() >= limits::kOutbox) return refuse(fail(Cause::rate_limited, "the outbox is full"));
  load();
  if (!request.id.empty() && already_known(request)) return;
  auto content = build(request);
  if (!content) return refuse(content.error());
  if (request.id.empty())
    request.id = make_message_id(desk_.context.server_seconds(), desk_.context.credentials.pn.user,
                                 desk_.context.random);

  store::MessageRow row;
  row.id = request.id;
  row.chat = desk_.lids.canonical(request.to.without_device());
  row.sender = row.chat.is_lid() && !desk_.context.credentials.lid.empty() ? desk_.context.credentials.lid
                                                                           : desk_.context.credentials.pn;
  row.from_me = row.from_api = true;
  row.timestamp = desk_.context.server_seconds();
  row.type = "text";
  row.content = *content;
  desk_.messages.insert(row);
  show(request, row);

  store::OutboxRow waiting;
  waiting.id = request.id;
  waiting.chat = request.to.without_device();
  waiting.created = desk_.context.now.wall;
  Job job;
  job.seq = desk_.outbox.insert(waiting, std::nullopt);
  job.id = request.id;
  job.chat = waiting.chat;
  job.request = request.request;
  job.content = std::move(*content);
  job.accepted = row.timestamp;
  const std::int64_t seq = job.seq;
  const std::string queue = add(std::move(job))->queue;
  pump(queue);
  if (auto left = jobs_.find(seq); left != jobs_.end()) left->second.content = Bytes();
}

void Outgoing::show(const SendText& request, const store::MessageRow& row) {
  const Forms chat = forms_of(desk_, row.chat), sender = forms_of(desk_, row.sender);
  MessageEvent event;
  event.id = row.id;
  event.chat = chat.shown;
  event.chat_pn = chat.pn;
  event.chat_lid = chat.lid;
  event.sender = row.sender;
  event.sender_pn = sender.pn;
  event.sender_lid = sender.lid;
  event.from_me = event.from_api = true;
  event.timestamp = row.timestamp;
  event.type = "text";
  event.body = request.text;
  event.mentions = request.mentions;
  if (!request.reply_to.empty()) event.quoted = QuotedMessage{request.reply_to, {}, {}};
  desk_.context.emit(std::move(event));
}

// The caller's own id makes a repeated request safe: it joins the first one, or is answered with its outcome.
bool Outgoing::already_known(const SendText& request) {
  const wire::Jid shown = desk_.lids.shown(request.to);
  if (auto open = by_id_.find(request.id); open != by_id_.end()) {
    Job& job = jobs_.at(open->second);
    if (job.request != 0)
      done(request.request, request.id, shown, Result<int>(fail(Cause::already_exists, "id")), 0);
    else
      job.request = request.request;
    return true;
  }
  for (const auto& row : desk_.messages.heads(request.id)) {
    if (!row.from_me) continue;
    if (desk_.lids.same_user(row.chat, request.to) && row.ack >= 1)
      done(request.request, request.id, shown, Result<int>(1), row.timestamp);
    else
      done(request.request, request.id, shown, Result<int>(fail(Cause::already_exists, "id")), 0);
    return true;
  }
  return false;
}

Result<Bytes> Outgoing::build(const SendText& request) {
  TextContent text;
  text.text = request.text;
  text.mentions = request.mentions;
  text.secret = desk_.context.random.array<32>();
  if (request.reply_to.empty()) return encode_text(text);
  for (const auto& row : desk_.messages.heads(request.reply_to)) {
    if (!desk_.lids.same_user(row.chat, request.to)) continue;
    text.quote = Quote{row.id, row.sender.without_device(), desk_.messages.content(row.seq)};
    return encode_text(text);
  }
  return fail(Cause::bad_input, "reply_to: no such message in this chat");
}

void Outgoing::load() {
  if (loaded_) return;
  loaded_ = true;
  for (auto& row : desk_.outbox.all()) {
    Job job;
    job.seq = row.seq;
    job.id = row.id;
    job.chat = row.chat;
    job.phash = row.phash;
    job.attempts = row.attempts;
    job.encrypted = row.encrypted;
    job.accepted = row.created / kSecond;
    add(std::move(job));
  }
}

// Messages may wait under the number when its LID gets known: later ones stay behind them.
std::string Outgoing::queue_of(const wire::Jid& chat) {
  std::string by_number = desk_.lids.shown(chat).text();
  return queues_.contains(by_number) ? by_number : desk_.lids.canonical(chat).text();
}

Outgoing::Job* Outgoing::add(Job job) {
  job.queue = queue_of(job.chat);
  by_id_[job.id] = job.seq;
  if (!job.encrypted) queues_[job.queue].push_back(job.seq);
  return &jobs_.emplace(job.seq, std::move(job)).first->second;
}

void Outgoing::online() {
  load();
  online_ = true;
  std::vector<std::int64_t> all;
  for (const auto& [seq, job] : jobs_) all.push_back(seq);
  for (const auto seq : all) {
    auto found = jobs_.find(seq);
    if (found == jobs_.end()) continue;
    if (found->second.encrypted) {
      if (!found->second.written) write_again(found->second);
    } else {
      const std::string queue = found->second.queue;
      pump(queue);
    }
  }
}

void Outgoing::offline() {
  online_ = false;
  deadlines_.clear();
  for (auto& [seq, job] : jobs_) {
    job.written = false;
    job.waiting = job.asked_contact = false;
    job.asked_devices = 0;
    job.asked_keys.clear();
  }
}

void Outgoing::end_requests(const Error& why) {
  for (const auto& [seq, job] : jobs_)
    if (job.request != 0) done(job.request, job.id, desk_.lids.shown(job.chat), Result<int>(why), 0);
  jobs_.clear();
  by_id_.clear();
  queues_.clear();
  deadlines_.clear();
  loaded_ = online_ = false;
}

void Outgoing::pump(const std::string& queue) {
  while (online_) {
    auto found = queues_.find(queue);
    if (found == queues_.end()) return;
    if (found->second.empty()) {
      queues_.erase(found);
      return;
    }
    const std::int64_t seq = found->second.front();
    Job& job = jobs_.at(seq);
    Error why;
    const Prepared prepared = prepare(job, why);
    if (prepared == Prepared::waiting) return;
    found = queues_.find(queue);  // preparing may have answered at once, and gone through here
    if (found == queues_.end() || found->second.empty() || found->second.front() != seq) continue;
    found->second.pop_front();
    if (prepared == Prepared::failed) finish(seq, Result<int>(why), 0);
  }
}

Outgoing::Prepared Outgoing::prepare(Job& job, Error& why) {
  if (job.waiting) return Prepared::waiting;
  const wire::Jid lid = desk_.lids.lid(job.chat);
  if (lid.empty() && job.chat.is_pn() && !job.asked_contact && !desk_.lids.is_own(job.chat)) {
    const bool hopeful = desk_.devices.devices(job.chat).has_value();  // a user without LID whom we know
    if (!hopeful) {
      ask_contact(job, job.chat);
      return Prepared::waiting;
    }
  }
  const Destination destination = resolve(desk_, job.chat);
  std::vector<wire::Jid> unknown;
  for (const wire::Jid& user : {destination.own.without_device(), destination.to})
    if (!desk_.devices.devices(user) && (unknown.empty() || unknown.front() != user)) unknown.push_back(user);
  if (!unknown.empty()) {
    if (job.asked_devices == kDeviceQueries) {
      why = fail(Cause::no_devices, "the service names no devices of the recipient");
      return Prepared::failed;
    }
    ask_devices(job, std::move(unknown));
    return Prepared::waiting;
  }
  const Targets found = *targets(desk_, destination);
  if (!job.phash.empty() && hash_of(found) == job.phash) {  // the devices turn out to be the same
    if (const auto bytes = desk_.outbox.stanza(job.seq)) {
      if (const auto stanza = wire::decode(*bytes)) {
        job.encrypted = true;
        write(job, *stanza);
        return Prepared::ready;
      }
    }
  }
  // Not only at first: devices may have come while the keys of others were on their way.
  std::vector<wire::Jid> without;
  for (const auto* list : {&found.recipients, &found.own})
    for (const auto& device : *list)
      if (!job.asked_keys.contains(device) && !desk_.ciphers.has_session(device)) without.push_back(device);
  if (!without.empty()) {
    ask_keys(job, std::move(without));
    return Prepared::waiting;
  }
  wire::Node stanza;
  if (Status done_well = encrypt(job, destination, found, stanza); !done_well) {
    why = done_well.error();
    return Prepared::failed;
  }
  write(job, stanza);
  return Prepared::ready;
}

void Outgoing::ask_contact(Job& job, const wire::Jid& pn) {
  job.waiting = job.asked_contact = true;
  wire::Node query =
      usync_query(desk_.stanzas.next_id(), "interactive", {"contact", "devices", "lid"}, {}, {"+" + pn.user});
  desk_.query(std::move(query), [this, seq = job.seq, pn](Result<wire::Node> answer) {
    if (!answer) return answered(seq, answer.error());
    for (auto& user : parse_usync(*answer)) {
      if (user.contact == "out") return answered(seq, fail(Cause::not_on_whatsapp, "chatId"));
      if (user.pn.empty()) user.pn = pn;
      if (desk_.devices.learn(user)) desk_.ciphers.forget_user(user.jid);
    }
    answered(seq, Status());
  });
}

void Outgoing::ask_devices(Job& job, std::vector<wire::Jid> users) {
  job.waiting = true;
  ++job.asked_devices;
  wire::Node query = usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, users);
  desk_.query(std::move(query), [this, seq = job.seq](Result<wire::Node> answer) {
    if (!answer) return answered(seq, answer.error());
    for (const auto& user : parse_usync(*answer))
      if (desk_.devices.learn(user)) desk_.ciphers.forget_user(user.jid);
    answered(seq, Status());
  });
}

void Outgoing::ask_keys(Job& job, std::vector<wire::Jid> devices) {
  job.waiting = true;
  job.asked_keys.insert(devices.begin(), devices.end());
  setup_.fetch(std::move(devices), false,
               [this, seq = job.seq](const Status& status) { answered(seq, status); });
}

void Outgoing::answered(std::int64_t seq, const Status& status) {
  auto found = jobs_.find(seq);
  if (found == jobs_.end() || !found->second.waiting) return;
  Job& job = found->second;
  job.waiting = false;
  const std::string queue = job.queue;
  if (!status) {
    if (!online_ || status.cause() == Cause::link_lost) return;  // asked again on the next link
    auto& order = queues_[queue];
    std::erase(order, seq);
    finish(seq, Result<int>(status.error()), 0);
  }
  pump(queue);
}

Status Outgoing::encrypt(Job& job, const Destination& destination, const Targets& found, wire::Node& stanza) {
  if (job.content.empty()) {
    for (const auto& row : desk_.messages.heads(job.id))
      if (row.from_me) job.content = desk_.messages.content(row.seq);
    if (job.content.empty()) return fail(Cause::internal, "the message's content is gone");
  }
  auto out = fan_out(desk_, job.id, destination, found, job.content);
  job.content = Bytes();
  if (!out) return out.error();
  job.phash = out->phash;
  job.encrypted = true;
  stanza = std::move(out->stanza);
  desk_.outbox.set_stanza(job.seq, wire::encode(stanza), job.phash);
  return {};
}

void Outgoing::write(Job& job, const wire::Node& stanza) {
  ++job.attempts;
  job.written = true;
  job.deadline = desk_.context.now.mono + kAckTimeout;
  deadlines_.emplace_back(job.deadline, job.seq);
  desk_.stanzas.send(stanza);
}

void Outgoing::prepare_again(Job& job) {
  const std::int64_t seq = job.seq;
  const std::string queue = job.queue = queue_of(job.chat);
  job.encrypted = job.written = false;
  auto& waiting = queues_[queue];
  waiting.insert(std::lower_bound(waiting.begin(), waiting.end(), seq), seq);
  pump(queue);
}

// The same id and, unless devices came or went, the same ciphertexts: whoever has the message already sees a
// duplicate and drops it.
void Outgoing::write_again(Job& job) {
  const auto bytes = desk_.outbox.stanza(job.seq);
  auto stanza =
      bytes ? wire::decode(*bytes) : Result<wire::Node>(fail(Cause::internal, "the stanza is gone"));
  if (!stanza) return finish(job.seq, Result<int>(stanza.error()), 0);
  if (job.attempts >= kAttempts)
    return finish(job.seq, Result<int>(fail(Cause::no_ack, "the service never acknowledged the message")), 0);
  desk_.outbox.set_attempts(job.seq, job.attempts + 1);
  const auto found = targets(desk_, resolve(desk_, job.chat));
  if (!found || hash_of(*found) != job.phash) return prepare_again(job);
  write(job, *stanza);
}

void Outgoing::acked(const wire::Node& ack) {
  auto found = by_id_.find(ack.attr("id"));
  if (found == by_id_.end()) return;
  const std::int64_t seq = found->second;
  const Job& job = jobs_.at(seq);
  const AckVerdict verdict = classify_ack(ack, job.phash);
  if (verdict.stale_devices) {
    desk_.devices.drop(job.chat);
    desk_.devices.drop(desk_.context.credentials.pn);
  }
  if (verdict.error)
    finish(seq, Result<int>(*verdict.error), verdict.timestamp);
  else
    finish(seq, Result<int>(1), verdict.timestamp);
}

void Outgoing::seen_by_recipient(const std::string& id) {
  auto found = by_id_.find(id);
  if (found != by_id_.end() && jobs_.at(found->second).encrypted) finish(found->second, Result<int>(1), 0);
}

void Outgoing::wake() {
  while (!deadlines_.empty() && deadlines_.front().first <= desk_.context.now.mono) {
    const auto [deadline, seq] = deadlines_.front();
    deadlines_.pop_front();
    auto found = jobs_.find(seq);
    if (found == jobs_.end() || !found->second.written || found->second.deadline != deadline) continue;
    // Whether the link is dead is for its keepalive to find out; as long as it stands, the message is sent
    // again.
    log::warning("no_ack", {{"session", desk_.context.session_name},
                            {"id", found->second.id},
                            {"attempts", std::to_string(found->second.attempts)}});
    if (online_) write_again(found->second);
  }
}

std::optional<Millis> Outgoing::next_wake() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.front().first;
}

void Outgoing::finish(std::int64_t seq, const Result<int>& outcome, std::int64_t timestamp) {
  auto found = jobs_.find(seq);
  if (found == jobs_.end()) return;
  const Job job = std::move(found->second);
  jobs_.erase(found);
  by_id_.erase(job.id);
  while (!deadlines_.empty() && !jobs_.contains(deadlines_.front().second)) deadlines_.pop_front();
  desk_.outbox.remove(seq);
  tell(job, outcome, timestamp);
  // One that was to be encrypted anew may be acknowledged after all: those behind it go on.
  const auto waiting = queues_.find(job.queue);
  if (waiting != queues_.end() && std::erase(waiting->second, seq) > 0) pump(job.queue);
}

void Outgoing::tell(const Job& job, const Result<int>& outcome, std::int64_t timestamp) {
  if (timestamp == 0) timestamp = job.accepted;
  const Forms chat = forms_of(desk_, job.chat);
  done(job.request, job.id, chat.shown, outcome, timestamp);
  for (const auto& row : desk_.messages.heads(job.id)) {
    if (!row.from_me) continue;
    const int level = outcome ? 1 : -1;
    if (row.ack >= 1) continue;  // a receipt was faster
    desk_.messages.set_ack(row.seq, level, timestamp);
    AckEvent event;
    event.id = job.id;
    event.chat = chat.shown;
    event.chat_pn = chat.pn;
    event.chat_lid = chat.lid;
    event.ack = level;
    event.timestamp = timestamp;
    desk_.context.emit(std::move(event));
  }
}

void Outgoing::done(RequestId request, const std::string& id, const wire::Jid& chat, Result<int> outcome,
                    std::int64_t timestamp) {
  if (request == 0) return;
  desk_.context.emit(SendDone{request, id, chat.without_device(), timestamp, std::move(outcome)});
}

}  // namespace pigeond::engine
