#include "engine/messages/groups/group_sending.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/stanza_look.h"
#include "engine/messages/out/business_node.h"
#include "engine/messages/out/copies.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kPlans = 32;      // of groups that were written to lately
constexpr std::size_t kKeyless = 2000;  // devices, and users without a list
constexpr Millis kKeylessFor = 10 * kMinute;
constexpr std::uint32_t kKeyDistribution = 2, kKeysGroup = 1, kAxolotl = 2;

std::string name_of(std::string_view user, std::uint16_t device) {
  return std::string(user) + ':' + std::to_string(device);
}

std::string name_of(const wire::Jid& device) {
  return name_of(device.user, device.device);
}

// A number and a LID that are the same digits are one: then a plan is made once too often.
void add_hash(const wire::Jid& user, std::vector<std::size_t>& hashes) {
  if (!user.empty()) hashes.push_back(std::hash<std::string>{}(user.user));
}

}  // namespace

GroupSending::GroupSending(Desk& desk)
    : desk_(desk),
      rows_(desk.context.database, desk.context.session),
      heard_(desk.changes.hear([this](const wire::Jid& user) { changed(user); })) {}

const GroupSending::Plan& GroupSending::plan(const GroupDirectory::Known& group) {
  const wire::Jid& jid = group->facts.jid;
  if (const auto kept = plans_.find(jid); kept != plans_.end() && holds(kept->second, group))
    return kept->second.plan;
  Kept made{group, users_of(*group), {}, 0};
  make(*group, made);
  ++made_;
  if (plans_.size() >= kPlans) plans_.clear();
  return plans_.insert_or_assign(jid, std::move(made)).first->second.plan;
}

// Read from its rows again, or with another subject, a group is another object with the same members.
bool GroupSending::holds(Kept& kept, const GroupDirectory::Known& group) const {
  if (kept.until != 0 && kept.until <= desk_.context.now.mono) return false;
  if (kept.plan.self != self_in(desk_, *group)) return false;
  if (kept.group != group && kept.group->members != group->members) return false;
  kept.group = group;
  return true;
}

// By each form of their addresses that is told, since a change may be told by either.
std::vector<std::size_t> GroupSending::users_of(const Group& group) const {
  const auto& credentials = desk_.context.credentials;
  std::vector<std::size_t> users;
  users.reserve(2 + 2 * group.members.size());
  for (const wire::Jid* own : {&credentials.pn, &credentials.lid}) add_hash(*own, users);
  for (const auto& member : group.members)
    for (const wire::Jid* form : {&member.jid, &member.other}) add_hash(*form, users);
  std::ranges::sort(users);
  return users;
}

// Something is told of him: reason enough to ask about him again.
void GroupSending::changed(const wire::Jid& user) {
  if (!listless_.empty())
    for (const wire::Jid& form : {user, desk_.lids.lid(user), desk_.lids.pn(user)})
      listless_.erase(form.without_device());
  drop_plans_of(user);
}

void GroupSending::drop_plans_of(const wire::Jid& user) {
  if (plans_.empty()) return;
  std::vector<std::size_t> forms;
  for (const wire::Jid& form : {user, desk_.lids.lid(user), desk_.lids.pn(user)}) add_hash(form, forms);
  std::erase_if(plans_, [&](const auto& plan) {
    return std::ranges::any_of(
        forms, [&](std::size_t form) { return std::ranges::binary_search(plan.second.users, form); });
  });
}

// A companion counts as keyed only where its phone is: what a phone could not be given is repaired by nobody
// else (whatsapp-rust 09e3d97e). Whose devices are not known at the moment has not left the group.
void GroupSending::make(const Group& group, Kept& kept) {
  const wire::Jid& jid = group.facts.jid;
  Roster roster = roster_of(desk_, group);
  Plan& plan = kept.plan;
  plan.self = roster.self;
  plan.phash = roster.phash();
  plan.own = std::move(roster.own);

  std::unordered_set<std::string> present, keyed, held, unlisted;
  for (const auto& user : roster.unlisted) {
    unlisted.insert((plan.self.is_lid() ? desk_.lids.canonical(user) : user).user);
    const Millis spared = spared_until(user);
    if (spared == 0)
      plan.unlisted.push_back(user);
    else if (kept.until == 0 || spared < kept.until)
      kept.until = spared;
  }
  for (const auto* list : {&roster.others, &plan.own})
    for (const auto& device : *list) present.insert(name_of(device));
  const auto by_lid = rows_.by_lid(jid);
  bool strangers = false;
  if (by_lid) {
    for (const auto& holder : rows_.holders(jid)) {
      std::string name = name_of(holder.user, holder.device);
      strangers = strangers || (!present.contains(name) && !unlisted.contains(holder.user));
      if (holder.given_in == 0) keyed.insert(name);
      held.insert(std::move(name));
    }
  }
  if (by_lid && (strangers || *by_lid != plan.self.is_lid())) {
    log::info("group_key_renewed", {{"session", desk_.context.session_name},
                                    {"group", jid.text()},
                                    {"why", strangers ? "a device has left" : "another form of addresses"}});
    renew(jid);
    keyed.clear();
    held.clear();
  }
  for (const auto& device : roster.others)
    if (!keyed.contains(name_of(device)) || !keyed.contains(name_of(device.user, 0)))
      plan.wanting.push_back(device);
  for (const auto& device : plan.own)
    if (!held.contains(name_of(device))) plan.unheld.push_back(device);
}

std::vector<wire::Jid> GroupSending::without_session(const Plan& plan) const {
  std::vector<wire::Jid> out;
  for (const auto* list : {&plan.wanting, &plan.own}) {
    for (const auto& device : *list) {
      const auto known = keyless_.find(device);
      if (known != keyless_.end() && desk_.context.now.mono < known->second) continue;
      if (!desk_.ciphers.has_session(device)) out.push_back(device);
    }
  }
  return out;
}

void GroupSending::asked_in_vain(const std::vector<wire::Jid>& devices) {
  for (const auto& device : devices) {
    if (desk_.ciphers.has_session(device)) continue;
    if (keyless_.size() >= kKeyless) keyless_.clear();
    keyless_[device] = desk_.context.now.mono + kKeylessFor;
  }
}

void GroupSending::left_out(const std::vector<wire::Jid>& users) {
  std::int64_t count = 0;
  for (const auto& user : users) {
    if (desk_.devices.devices(user)) continue;
    if (listless_.size() >= kKeyless) listless_.clear();
    listless_[user] = desk_.context.now.mono + kKeylessFor;
    drop_plans_of(user);
    ++count;
  }
  if (count > 0)
    log::info("devices_left_out",
              {{"session", desk_.context.session_name}, {"users", std::to_string(count)}});
}

// mono; 0: may be asked about.
Millis GroupSending::spared_until(const wire::Jid& user) const {
  const auto known = listless_.find(user);
  return known != listless_.end() && desk_.context.now.mono < known->second ? known->second : 0;
}

std::int64_t GroupSending::handing_out(const wire::Jid& group) {
  for (const auto& holder : rows_.holders(group))
    if (holder.given_in > 0) return holder.given_in;
  return 0;
}

// Message{senderKeyDistributionMessage{groupID, axolotlSenderKeyDistributionMessage}}
Result<Bytes> GroupSending::distribution(const wire::Jid& group, const wire::Jid& self) {
  if (!rows_.by_lid(group)) {
    desk_.ciphers.drop_own_key(group);
    rows_.begin(group, self.is_lid());
  }
  PIGEOND_TRY(const Bytes key, desk_.ciphers.own_key(group));
  Bytes inner, out;
  append_field(inner, kKeysGroup, as_bytes(group.text()));
  append_field(inner, kAxolotl, key);
  append_field(out, kKeyDistribution, inner);
  return out;
}

// The key is handed out as it is before this message, which is its next step.
Result<FannedOut> GroupSending::encrypt(std::int64_t given_in, const std::string& id,
                                        const GroupDirectory::Known& group, ByteView content) {
  const wire::Jid jid = group->facts.jid;
  const Plan plan = this->plan(group);
  PIGEOND_TRY(const Bytes key, distribution(jid, plan.self));
  const auto with_session = [&](const std::vector<wire::Jid>& devices) {
    std::vector<wire::Jid> out;
    for (const auto& device : devices)
      if (desk_.ciphers.has_session(device)) out.push_back(device);
    return out;
  };
  StanzaLook key_look;
  key_look.hidden = true;
  Copies copies;
  add_copies(desk_, with_session(plan.wanting), key, key_look, copies);
  rows_.give(jid, copies.made, given_in);
  const bool hands_out = !copies.made.empty();
  add_copies(desk_, with_session(plan.own), key, key_look, copies);
  rows_.give(jid, plan.unheld, 0);
  if (hands_out || !plan.unheld.empty()) plans_.erase(jid);

  PIGEOND_TRY(Bytes ciphertext, desk_.ciphers.encrypt_group(jid, padded(content, desk_.context.random)));
  const StanzaLook look = look_of(content);
  FannedOut out;
  out.phash = plan.phash;
  out.hands_out = hands_out;
  out.stanza = wire::Node("message");
  out.stanza.set("id", id).set("to", jid).set("phash", plan.phash);
  show_on_message(out.stanza, look);
  out.stanza.set("addressing_mode", plan.self.is_lid() ? "lid" : "pn");
  if (!copies.made.empty()) out.stanza.add(std::move(copies.participants));
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "skmsg");
  show_on_enc(enc, look);
  enc.body(std::move(ciphertext));
  out.stanza.add(std::move(enc));
  if (copies.first_contact) out.stanza.add(identity_node(desk_));
  if (auto meta = meta_of(look)) out.stanza.add(std::move(*meta));
  if (auto business = business_node(look.business)) out.stanza.add(std::move(*business));
  if (auto reporting = reporting_node(id, plan.self, jid, content)) out.stanza.add(std::move(*reporting));
  return out;
}

void GroupSending::ended(const wire::Jid& group, std::int64_t seq, bool acknowledged) {
  acknowledged ? rows_.arrived(group, seq) : rows_.failed(group, seq);
  plans_.erase(group);
}

Result<Bytes> GroupSending::with_key(const GroupDirectory::Known& group, const wire::Jid& device,
                                     ByteView content) {
  const wire::Jid jid = group->facts.jid;
  PIGEOND_TRY(const Bytes key, distribution(jid, self_in(desk_, *group)));
  give_again(jid, device);
  Bytes out = to_bytes(content);
  out.insert(out.end(), key.begin(), key.end());
  return out;
}

void GroupSending::give_again(const wire::Jid& group, const wire::Jid& device) {
  const wire::Jid form = rows_.by_lid(group).value_or(true) ? desk_.lids.lid(device) : desk_.lids.pn(device);
  rows_.give_again(group, form.empty() ? device : form);
  plans_.erase(group);
}

void GroupSending::renew(const wire::Jid& group) {
  desk_.ciphers.drop_own_key(group);
  rows_.forget(group);
  plans_.erase(group);
}

void GroupSending::forget_cache() {
  plans_.clear();
  keyless_.clear();
  listless_.clear();
}

}  // namespace pigeond::engine
