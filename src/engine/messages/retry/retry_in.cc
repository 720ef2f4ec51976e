#include "engine/messages/retry/retry_in.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/messages/identity/key_bundles.h"
#include "engine/messages/identity/vouching.h"
#include "engine/messages/in/answers.h"
#include "engine/messages/in/source.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/stanza_look.h"
#include "engine/messages/out/business_node.h"
#include "engine/messages/out/copies.h"

namespace pigeond::engine {
namespace {

constexpr int kMostCount = 5;  // a request with this count is the asker's last sign of despair: not answered
constexpr int kMostResends = 5;  // of one message to one device, whatever it counts
constexpr int kBaseKeyCheck = 2;
constexpr std::size_t kOpen = 1000;     // requests that wait: all recipients may ask at once, after a restore
constexpr std::size_t kAlike = 8;       // of one device about one message
constexpr Millis kListAgain = kMinute;  // for one user
constexpr std::size_t kLists = 1000;    // users in that time
// Of one group, whatever its members ask for: twenty at once, then one in six seconds. When a group changed
// its form of addresses all members' devices asked at the same time, and accounts that answered them were
// locked (whatsapp-rust b23a9f7f).
constexpr int kTurns = 20;
constexpr Millis kTurn = 6 * kSecond;
constexpr std::size_t kTurnsKept = 1000;  // groups

}  // namespace

void RetryIn::handle(const wire::Node& receipt) {
  learn_pairs(desk_, receipt);
  const auto request = read(receipt);
  if (!request) return desk_.stanzas.send(ack_of(desk_, receipt));
  if (const auto open = open_.find(request->key()); open != open_.end()) {
    if (open->second.size() < kAlike) return open->second.push_back(receipt);
    return desk_.stanzas.send(ack_of(desk_, receipt));
  }
  open_[request->key()] = {receipt};
  if (open_.size() > kOpen) return refuse(*request, "retry_refused");
  if (is_listed(request->device)) return serve(receipt, *request);
  ask_list(receipt, *request);
}

void RetryIn::settle(const Request& request) {
  const auto open = open_.find(request.key());
  if (open == open_.end()) return;
  for (const auto& receipt : open->second) desk_.stanzas.send(ack_of(desk_, receipt));
  open_.erase(open);
}

// What was lost on the way is left to the next link; a refusal is an answer. Of a service that says nothing
// no more is asked than what may be sent again.
void RetryIn::asked(const Request& request, const Status& status, const std::function<void()>& go_on) {
  if (status) return go_on();
  const bool silent = status.cause() == Cause::timed_out;
  if (!silent && status.cause() != Cause::link_lost) return settle(request);
  open_.erase(request.key());
  if (silent) count(request);
}

bool RetryIn::is_listed(const wire::Jid& device) {
  const auto devices = desk_.devices.devices(device.without_device());
  return !devices || std::any_of(devices->begin(), devices->end(),
                                 [&](const wire::Jid& each) { return each.device == device.device; });
}

void RetryIn::refuse(const Request& request, const char* why) {
  log::warning(why, {{"session", desk_.context.session_name},
                     {"id", request.id},
                     {"device", request.device.text()},
                     {"count", std::to_string(request.count)}});
  settle(request);
}

void RetryIn::ask_list(const wire::Node& receipt, const Request& request) {
  const Millis now = desk_.context.now.mono;
  std::erase_if(lists_, [now](const auto& each) {
    return !each.second.asking && each.second.since + kListAgain <= now;
  });
  const wire::Jid device_user = request.device.without_device();
  const std::string user = desk_.lids.canonical(device_user).text();
  const auto list = lists_.find(user);
  if (list != lists_.end() && list->second.asking)
    return list->second.waiting.emplace_back(receipt, request), void();
  if (list != lists_.end() || lists_.size() >= kLists) return refuse(request, "retry_unlisted");
  lists_[user] = {now, true, {{receipt, request}}};
  desk_.query(usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, {device_user}),
              [this, user](const Result<wire::Node>& answer) { listed(user, answer); });
}

void RetryIn::listed(const std::string& user, const Result<wire::Node>& answer) {
  if (answer) learn_users(desk_, *answer);
  const auto list = lists_.find(user);
  if (list == lists_.end()) return;
  const auto waiting = std::exchange(list->second.waiting, {});
  list->second.asking = false;
  if (!answer) lists_.erase(list);
  for (const auto& one : waiting)
    asked(one.second, answer ? Status() : Status(answer.error()), [&] {
      is_listed(one.second.device) ? serve(one.first, one.second) : refuse(one.second, "retry_unlisted");
    });
}

void RetryIn::serve(const wire::Node& receipt, const Request& request) {
  auto record = desk_.retries.resent(request.message, request.device);
  if (request.count >= kMostCount || record.count >= kMostResends) return refuse(request, "retry_refused");
  if (request.chat.is_group()) {
    // The key is handed to nobody who is left out of the list of those that have it: it would be made anew.
    if (request.device.is_hosted()) return refuse(request, "retry_refused");
    groups_.give_again(request.chat, request.device);
    if (!has_turn(request.chat)) return refuse(request, "retry_postponed");
  }
  const bool usable = mend_session(receipt, request, record);
  desk_.retries.set_resent(request.message, request.device, record);
  if (usable) return resend(request);
  setup_.fetch({request.device}, SessionSetup::Existing::replace,
               [this, request](const Status& status) { asked(request, status, [&] { resend(request); }); });
}

std::optional<RetryIn::Request> RetryIn::read(const wire::Node& receipt) {
  const auto from = receipt.jid("from");
  const auto* retry = receipt.child("retry");
  if (!from || retry == nullptr) return std::nullopt;
  Request request;
  request.id = receipt.attr("id");
  request.device = receipt.jid("participant").value_or(*from);
  request.chat = *from;
  const bool own = desk_.lids.is_own(request.device);
  if (own && !from->is_group()) request.chat = receipt.jid("recipient").value_or(*from);
  request.chat = request.chat.without_device();
  request.count = static_cast<int>(std::min<std::uint64_t>(retry->number("count").value_or(1), 99));
  for (const auto& row : desk_.messages.heads(request.id)) {
    if (!row.from_me || !row.from_api) continue;
    if (!(row.chat == request.chat || desk_.lids.same_user(row.chat, request.chat))) continue;
    if (!own && !was_meant_for(row, request.device)) continue;
    if (desk_.lids.is_this_device(request.device)) continue;
    request.message = row.seq;
    request.timestamp = row.timestamp;
    return request;
  }
  log::info("retry_unknown", {{"session", desk_.context.session_name}, {"id", request.id}});
  return std::nullopt;
}

// The recipient, or whoever is a member of the group now.
bool RetryIn::was_meant_for(const store::MessageRow& row, const wire::Jid& device) {
  if (!row.chat.is_group()) return desk_.lids.same_user(row.chat, device);
  const auto group = desk_.groups.last_known(row.chat);
  if (!group || !group->facts.present) return false;
  for (const wire::Jid& form : {device, desk_.lids.lid(device), desk_.lids.pn(device)})
    if (!form.empty() && group->find(form.without_device()) != nullptr) return true;
  return false;
}

bool RetryIn::has_turn(const wire::Jid& group) {
  const Millis now = desk_.context.now.mono;
  std::erase_if(turns_, [now](const auto& each) { return each.second <= now; });
  if (turns_.size() >= kTurnsKept) return false;
  Millis& clock = turns_.try_emplace(group, now).first->second;
  if (clock > now + (kTurns - 1) * kTurn) return false;
  clock += kTurn;
  return true;
}

bool RetryIn::mend_session(const wire::Node& receipt, const Request& request,
                           store::Retries::Resent& record) {
  Ciphers& ciphers = desk_.ciphers;
  if (receipt.child("keys") != nullptr) {
    const auto bundle = parse_retry_keys(receipt);
    Status started =
        bundle ? vouched(desk_, request.device, keys_of(receipt), bundle->identity) : Status(bundle.error());
    if (started) started = ciphers.start(request.device, *bundle);
    if (started) return true;
    log::warning("retry_keys_refused", {{"session", desk_.context.session_name},
                                        {"device", request.device.text()},
                                        {"cause", std::string(cause_name(started.cause()))}});
  }
  if (!ciphers.has_session(request.device)) return false;
  const auto claimed = read_registration(receipt);
  if (claimed && claimed != ciphers.registration_id(request.device)) return false;
  // The same session again at the third request: it is broken, though both sides have it.
  if (request.count == kBaseKeyCheck) record.base_key = ciphers.base_key(request.device);
  if (request.count > kBaseKeyCheck && record.base_key && record.base_key == ciphers.base_key(request.device))
    return false;
  return true;
}

// Counted when it leaves: a request that was cut off by a lost link costs none.
void RetryIn::resend(const Request& request) {
  count(request);
  send_again(request);
  settle(request);
}

void RetryIn::count(const Request& request) {
  auto record = desk_.retries.resent(request.message, request.device);
  ++record.count;
  desk_.retries.set_resent(request.message, request.device, record);
}

// In groups the own devices get it as everybody does: what is written there has its chat on the stanza.
Result<Bytes> RetryIn::content_for(const Request& request) {
  Bytes content = desk_.messages.content(request.message);
  if (content.empty()) return content;
  if (!request.chat.is_group())
    return desk_.lids.is_own(request.device) ? device_sent(request.chat, content) : content;
  const auto group = desk_.groups.last_known(request.chat);
  if (!group) return content;
  return groups_.with_key(group, request.device, content);
}

// To a group it goes by its name, with the device as participant; to a user's device by that device's.
void RetryIn::send_again(const Request& request) {
  const bool in_group = request.chat.is_group();
  const bool own = desk_.lids.is_own(request.device);
  const auto content = content_for(request);
  if (content && content->empty()) return;  // it was deleted for everybody meanwhile
  auto ciphertext = content ? desk_.ciphers.encrypt(request.device, padded(*content, desk_.context.random))
                            : content.error();
  if (!ciphertext) {
    log::warning("retry_failed", {{"session", desk_.context.session_name},
                                  {"device", request.device.text()},
                                  {"cause", std::string(cause_name(ciphertext.cause()))}});
    return;
  }
  const StanzaLook look = look_of(*content);
  wire::Node stanza("message");
  stanza.set("id", request.id).set("to", in_group ? request.chat : request.device);
  show_on_message(stanza, look);
  if (in_group)
    stanza.set("participant", request.device).set("addressing_mode", request.device.is_lid() ? "lid" : "pn");
  else
    stanza.set("device_fanout", "false");
  stanza.set("t", static_cast<std::uint64_t>(request.timestamp));
  if (own && !in_group) stanza.set("recipient", request.chat);
  const bool pkmsg = ciphertext->kind == signal::Kind::pkmsg;
  wire::Node enc("enc");
  enc.set("v", "2")
      .set("type", pkmsg ? "pkmsg" : "msg")
      .set("count", static_cast<std::uint64_t>(request.count));
  show_on_enc(enc, look);
  enc.body(std::move(ciphertext->bytes));
  stanza.add(std::move(enc));
  if (auto meta = meta_of(look)) stanza.add(std::move(*meta));
  if (pkmsg) stanza.add(identity_node(desk_));
  if (auto business = business_node(look.business)) stanza.add(std::move(*business));
  desk_.stanzas.send(stanza);
}

void RetryIn::offline() {
  open_.clear();
  lists_.clear();
}

}  // namespace pigeond::engine
