// The way of a message out, its middle: who is to have it, on which devices, with which keys; then its
// stanza.
#include <utility>

#include "engine/messages/out/outgoing.h"
#include "wire/codec.h"

namespace pigeond::engine {
namespace {

// A device that turns out to be gone drops the list that named it: then it is asked for once more.
constexpr int kDeviceQueries = 2;
// Asking again and again whether the same number exists is what address-book scrapers do.
constexpr Millis kAbsence = kHour;
constexpr std::size_t kAbsent = 1000;  // numbers

Error not_on_whatsapp(const wire::Jid& pn) {
  return fail(Cause::not_on_whatsapp, Field::recipient, pn.user + " is not on WhatsApp");
}

}  // namespace

Outgoing::Prepared Outgoing::prepare(Job& job, Error& why) {
  if (job.waiting || job.held || job.not_before > desk_.context.now.mono) return Prepared::waiting;
  if (job.chat.is_group()) return prepare_group(job, why);
  if (std::exchange(job.renew_address, false)) {
    if (const wire::Jid pn = desk_.lids.pn(job.chat).without_device(); !pn.empty()) {
      ask_contact(job, pn);
      return Prepared::waiting;
    }
  }
  if (const wire::Jid account = desk_.dialled.account(job.chat); readdress(wire::Jid(job.chat), account)) {
    const std::string queue = job.queue;
    pump(queue);
    return Prepared::waiting;
  }
  if (!job.asked_contact && is_unknown_number(job.chat)) {
    if (const auto absent = absent_.find(job.chat.user);
        absent != absent_.end() && desk_.context.now.mono < absent->second) {
      why = not_on_whatsapp(job.chat);
      return Prepared::failed;
    }
    ask_contact(job, wire::Jid(job.chat));
    return Prepared::waiting;
  }
  if (job.untold) tell_accepted(job);
  if (!may_go(job)) return Prepared::waiting;
  const Destination destination = destination_of(job);
  std::vector<wire::Jid> unknown;
  // Our own are asked for by number, as whatsapp-rust and Baileys do: by LID the answer is not to be relied
  // upon.
  for (const wire::Jid& user : {desk_.context.credentials.pn.without_device(), destination.to})
    if (!desk_.devices.devices(user) && (unknown.empty() || !desk_.lids.same_user(unknown.front(), user)))
      unknown.push_back(user);
  if (!unknown.empty()) {
    if (job.asked_devices == kDeviceQueries) {
      why = fail(Cause::no_devices, "the service names no devices of the recipient");
      return Prepared::failed;
    }
    ask_devices(job, std::move(unknown));
    return Prepared::waiting;
  }
  const Targets found = *targets(desk_, destination);
  if (!job.phash.empty() && found.hash() == job.phash) {  // the devices turn out to be the same
    if (const auto bytes = desk_.outbox.stanza(job.seq)) {
      if (const auto stanza = wire::decode(*bytes)) {
        job.encrypted = true;
        write_stored(job, *stanza, destination.to);
        return Prepared::ready;
      }
    }
  }
  // Not only at first: devices may have come while the keys of others were on their way.
  std::vector<wire::Jid> without;
  for (const auto* list : {&found.recipients, &found.own}) {
    const bool anew = job.renew_keys && list == &found.recipients;
    for (const auto& device : *list)
      if (!job.asked_keys.contains(device) && (anew || !desk_.ciphers.has_session(device)))
        without.push_back(device);
  }
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
  job.waiting_for = Waiting::number;
  wire::Node query =
      usync_query(desk_.stanzas.next_id(), "interactive", {"contact", "devices", "lid"}, {}, {"+" + pn.user});
  desk_.query(std::move(query), [this, seq = job.seq, pn](Result<wire::Node> answer) {
    if (!answer) return answered(seq, answer.error());
    for (auto& user : parse_usync(*answer)) {
      if (user.contact == "out") {
        if (absent_.size() >= kAbsent) absent_.clear();
        absent_[pn.user] = desk_.context.now.mono + kAbsence;
        desk_.dialled.gone(pn);
        return answered(seq, not_on_whatsapp(pn));
      }
      if (user.contact != "in") continue;
      const wire::Jid account = desk_.dialled.named(user, pn.user);
      if (desk_.devices.learn(user)) desk_.ciphers.forget_user(user.jid);
      readdress(pn, account);
      named(account);
    }
    answered(seq, Status());
  });
}

void Outgoing::ask_devices(Job& job, std::vector<wire::Jid> users) {
  job.waiting = true;
  job.waiting_for = Waiting::devices;
  ++job.asked_devices;
  wire::Node query = usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, users);
  desk_.query(std::move(query), [this, seq = job.seq](Result<wire::Node> answer) {
    if (!answer) return answered(seq, answer.error());
    learn_users(desk_, *answer);
    answered(seq, Status());
  });
}

void Outgoing::ask_keys(Job& job, std::vector<wire::Jid> devices) {
  job.waiting = true;
  job.waiting_for = Waiting::keys;
  job.asked_keys.insert(devices.begin(), devices.end());
  const auto existing =
      std::exchange(job.renew_keys, false) ? SessionSetup::Existing::renew : SessionSetup::Existing::keep;
  setup_.fetch(std::move(devices), existing,
               [this, seq = job.seq](const Status& status) { answered(seq, status); });
}

void Outgoing::answered(std::int64_t seq, const Status& status) {
  Job* job = jobs_.find(seq);
  if (job == nullptr || !job->waiting) return;
  job->waiting = false;
  const std::string queue = job->queue;
  if (!status) {
    if (!online_ || status.cause() == Cause::link_lost) return;  // asked again on the next link
    const Remedy remedy = send_cause_of(status.error()).remedy;
    if (remedy == Remedy::wait || remedy == Remedy::back_off) return refused(*job, status.error(), 0);
    jobs_.leave_line(queue, seq);
    finish(seq, Result<int>(status.error()), 0);
  }
  pump(queue);
}

Status Outgoing::load_content(Job& job) {
  if (!job.content.empty()) return {};
  for (const auto& row : desk_.messages.heads(job.id))
    if (row.from_me) job.content = desk_.messages.content(row.seq);
  if (job.content.empty()) return fail(Cause::internal, "the message's content is gone");
  return {};
}

Status Outgoing::encrypt(Job& job, const Destination& destination, const Targets& found, wire::Node& stanza) {
  PIGEOND_CHECK(load_content(job));
  auto out = fan_out(desk_, job.id, destination, found, job.content);
  job.content = Bytes();
  if (!out) return out.error();
  encrypted(job, std::move(*out), stanza);
  return {};
}

void Outgoing::encrypted(Job& job, FannedOut&& out, wire::Node& stanza) {
  job.phash = std::move(out.phash);
  job.encrypted = true;
  job.hands_out = job.hands_out || out.hands_out;
  stanza = std::move(out.stanza);
  desk_.outbox.set_stanza(job.seq, wire::encode(stanza), job.phash, job.attempts + 1);
}

}  // namespace pigeond::engine
