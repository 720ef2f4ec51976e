#include "sandbox/accounts/settings.h"

#include <map>
#include <set>

#include "base/text.h"
#include "crypto/hash.h"
#include "sandbox/accounts/key_server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kAbout = 700;  // bytes
constexpr int kConflict = 409;

// whatsmeow types/user.go, PrivacySetting…; whatsapp-rust wacore/src/iq/privacy.rs.
const std::map<std::string, std::set<std::string>>& categories() {
  static const std::map<std::string, std::set<std::string>> all = {
      {"last", {"all", "contacts", "contact_blacklist", "none"}},
      {"status", {"all", "contacts", "contact_blacklist", "none"}},
      {"profile", {"all", "contacts", "contact_blacklist", "none"}},
      {"online", {"all", "match_last_seen"}},
      {"readreceipts", {"all", "none"}},
      {"groupadd", {"all", "contacts", "contact_blacklist", "none"}},
      {"calladd", {"all", "known", "contacts"}},
      {"messages", {"all", "contacts"}}};
  return all;
}

std::string value_of(const Account& account, const std::string& name) {
  const auto set = account.privacy.find(name);
  return set == account.privacy.end() ? "all" : set->second;
}

std::string hash_of(const Account& account) {
  std::string joined;
  for (const auto& phone : account.blocked) joined += phone + " ";
  return hex_lower(ByteView(crypto::sha256(as_bytes(joined))).first(8));
}

wire::Node category(const std::string& name, const std::string& value) {
  return wire::Node("category").set("name", name).set("value", value);
}

}  // namespace

wire::Node Settings::refused(const DeviceRef& from, const wire::Node& iq, const char* why) {
  world_.violation("iq-malformed", &from, why, &iq);
  return iq_error(iq, 400, "bad-request");
}

void Settings::tell_others(const DeviceRef& by, const wire::Node& what) {
  const Account& account = *world_.account(by.phone);
  wire::Node note("notification");
  note.set("from", account.jid(Form::pn))
      .set("type", "account_sync")
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
      .add(what);
  for (const auto& [number, device] : account.devices) {
    if (number == 0 || number == by.number) continue;
    note.set("id", world_.next_id());
    mailroom_.deliver({by.phone, number}, note);
  }
}

// As whatsmeow reads it (handlePrivacySettingsNotification): what has changed, in the form of the settings.
void Settings::set_privacy(const DeviceRef& by, const std::string& name, const std::string& value) {
  Account& account = *world_.account(by.phone);
  account.privacy[name] = value;
  tell_others(by, wire::Node("privacy").add(category(name, value)));
}

// <privacy/> asks for all; <privacy><category name value/></privacy> sets one, and is answered in the same
// form.
wire::Node Settings::privacy(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards) {
  const wire::Node* asked = iq.child("privacy");
  if (asked == nullptr) return refused(from, iq, "privacy without <privacy>");
  wire::Node answer("privacy"), result = iq_result(iq);
  if (iq.is("type", "get")) {
    for (const auto& [name, values] : categories())
      answer.add(category(name, value_of(*world_.account(from.phone), name)));
    return result.add(std::move(answer));
  }
  const wire::Node* set = asked->child("category");
  const auto known = set == nullptr ? categories().end() : categories().find(set->attr("name"));
  if (known == categories().end() || !known->second.contains(set->attr("value")))
    return refused(from, iq, "a privacy setting that there is not");
  answer.add(*set);
  afterwards = [this, from, name = set->attr("name"), value = set->attr("value")] {
    set_privacy(from, name, value);
  };
  return result.add(std::move(answer));
}

// None of the public clients reads that its other devices were told of it.
wire::Node Settings::about(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* status = iq.child("status");
  if (!iq.is("type", "set") || status == nullptr || status->bytes().size() > kAbout)
    return refused(from, iq, "an about that is none");
  world_.account(from.phone)->about = status->text();
  return iq_result(iq);
}

// A get is answered by <list dhash><item jid/>…</list>. A set has one <item action jid [pn_jid] [dhash]/>:
// jid is the LID, and whom one blocks by it has to be named by his number as well, where he has one that is
// told. 400 otherwise (Baileys 8ca9316a, whatsmeow 8d023aa9), and 409 where `dhash` is not that of the list
// as it is.
wire::Node Settings::blocklist(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards) {
  Account& account = *world_.account(from.phone);
  const std::string before = hash_of(account);
  if (iq.is("type", "set")) {
    const wire::Node* item = iq.child("item");
    const auto jid = item == nullptr ? std::nullopt : item->jid("jid");
    const Account* whom = jid ? world_.account(*jid) : nullptr;
    const bool blocks = item != nullptr && item->is("action", "block");
    if (whom == nullptr || !jid->is_lid() || (!blocks && !item->is("action", "unblock")))
      return refused(from, iq, "an item needs action, and the jid of somebody by LID");
    if (blocks && !whom->hides_number && item->jid("pn_jid") != whom->jid(Form::pn))
      return refused(from, iq, "who is blocked is not named by his number");
    if (whom == &account) return refused(from, iq, "nobody blocks himself");
    if (item->has("dhash") && !item->is("dhash", before)) return iq_error(iq, kConflict, "conflict");
    if (blocks)
      account.blocked.insert(whom->phone);
    else
      account.blocked.erase(whom->phone);
    wire::Node news("blocklist"), change("item");
    news.set("dhash", hash_of(account)).set("prev_dhash", before);
    change.set("jid", *jid).set("action", item->attr("action"));
    news.add(std::move(change));
    afterwards = [this, from, news] { tell_others(from, news); };
  }
  wire::Node list("list"), result = iq_result(iq);
  list.set("dhash", hash_of(account));
  for (const auto& phone : account.blocked)
    list.add(wire::Node("item").set("jid", world_.account(phone)->jid(Form::lid)));
  return result.add(std::move(list));
}

wire::Node Settings::disappearing_mode(const DeviceRef& from, const wire::Node& iq, Afterwards& afterwards) {
  const wire::Node* mode = iq.child("disappearing_mode");
  const auto duration = mode == nullptr ? std::nullopt : mode->number("duration");
  if (!iq.is("type", "set") || !duration) return refused(from, iq, "a timer needs a duration");
  Account& account = *world_.account(from.phone);
  account.timer = static_cast<std::int64_t>(*duration);
  account.timer_set = world_.now.unix_seconds();
  wire::Node news("disappearing_mode");
  news.set("duration", *duration).set("t", static_cast<std::uint64_t>(account.timer_set));
  afterwards = [this, from, news] { tell_others(from, news); };
  return iq_result(iq);
}

// <business_profile v><profile jid/>…</business_profile>; of who is no business there is no <profile>. Layout
// from whatsmeow's parseBusinessProfile and Baileys' getBusinessProfile.
wire::Node Settings::business(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* asked = iq.child("business_profile");
  if (asked == nullptr || !iq.is("type", "get") || !asked->has("v") || asked->children().empty())
    return refused(from, iq, "whose business profile?");
  wire::Node profiles("business_profile"), result = iq_result(iq);
  profiles.set("v", asked->attr("v"));
  for (const auto& wanted : asked->children()) {
    const auto jid = wanted.jid("jid");
    const Account* account = jid ? world_.account(*jid) : nullptr;
    if (account == nullptr || !account->business) continue;
    const Business& business = *account->business;
    wire::Node profile("profile"), categories("categories"), hours("business_hours"),
        monday("business_hours_config");
    profile.set("jid", *jid).set("tag", "1");
    const auto part = [](wire::Node& parent, const char* name, const std::string& text) {
      if (!text.empty()) parent.add(wire::Node(name).body(as_bytes(text)));
    };
    part(profile, "address", business.address);
    part(profile, "description", business.description);
    part(profile, "website", business.website);
    part(profile, "email", business.email);
    categories.add(wire::Node("category").set("id", "1").body(as_bytes(business.category)));
    profile.add(std::move(categories));
    monday.set("day_of_week", "mon")
        .set("mode", "specific_hours")
        .set("open_time", "540")
        .set("close_time", "1080");
    hours.set("timezone", "Europe/Berlin").add(std::move(monday));
    profile.add(std::move(hours));
    profiles.add(std::move(profile));
  }
  return result.add(std::move(profiles));
}

}  // namespace pigeond::sandbox
