#include "sandbox/accounts/directory.h"

#include "base/text.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/messages/mailroom.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kUsersInQuery = 2000;

wire::Node device_node(const Device& device) {
  wire::Node node("device");
  node.set("id", std::to_string(device.number));
  if (device.number != 0) node.set("key-index", static_cast<std::uint64_t>(device.key_index));
  return node;
}

// Hidden: code 401 and nothing else, as Baileys reads it (USyncStatusProtocol).
wire::Node status_node(const DeviceRef& asker, const Account& account) {
  wire::Node node("status");
  if (account.shows_nobody && asker.phone != account.phone) return node.set("code", "401");
  if (!account.about.empty()) node.body(as_bytes(account.about));
  return node;
}

}  // namespace

std::vector<wire::Jid> device_jids(const Account& account, Form form) {
  std::vector<wire::Jid> jids;
  jids.reserve(account.devices.size());
  for (const auto& [number, device] : account.devices) jids.push_back(account.jid(form, number));
  return jids;
}

wire::Node Directory::handle(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* usync = iq.child("usync");
  const wire::Node* query = usync == nullptr ? nullptr : usync->child("query");
  const wire::Node* list = usync == nullptr ? nullptr : usync->child("list");
  if (query == nullptr || list == nullptr || query->children().empty() || !usync->has("sid") ||
      list->children().size() > kUsersInQuery) {
    world_.violation("iq-malformed", &from, "usync needs sid, query and list", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  wire::Node protocols("result"), users("list");
  for (const auto& protocol : query->children()) protocols.add(wire::Node(protocol.tag));
  for (const auto& user : list->children()) users.add(answer_user(from, look_up(user), *query));
  wire::Node answer("usync");
  for (const auto* name : {"sid", "index", "last", "mode", "context"}) answer.set(name, usync->attr(name));
  answer.add(std::move(protocols)).add(std::move(users));
  wire::Node result = iq_result(iq);
  result.add(std::move(answer));
  return result;
}

Directory::User Directory::look_up(const wire::Node& user) {
  User found;
  found.node = &user;
  if (const auto jid = user.jid("jid")) {
    found.asked = jid->without_device();
    if (found.asked.server == wire::server::kLegacyUser) found.asked.server = wire::server::kUser;
    found.account = world_.account(found.asked);
    return found;
  }
  const wire::Node* contact = user.child("contact");
  if (contact == nullptr) return found;
  std::string number = contact->text();
  number = number.substr(0, number.find('@'));
  if (!number.empty() && number.front() == '+') number.erase(0, 1);
  found.account = world_.account(number);
  if (found.account != nullptr && found.account->hides_number) found.account = nullptr;
  // The answer has the number that was asked about and the account's own one apart, as whatsmeow's
  // IsOnWhatsApp gives them on: Brazil's with and without the ninth digit (waha #238, whatsapp-web.js #1967),
  // Mexico's 52 1 (evolution-api #447). Nothing but a lookup takes such a number.
  if (const auto dialled = world_.phones_by_dialled.find(number);
      found.account == nullptr && dialled != world_.phones_by_dialled.end())
    found.account = world_.account(dialled->second);
  return found;
}

wire::Node Directory::answer_user(const DeviceRef& from, const User& user, const wire::Node& query) {
  const Account* account = user.account;
  const wire::Node* contact = query.child("contact");
  const bool by_lid = contact != nullptr && contact->is("addressing_mode", "lid");
  wire::Node node("user");
  if (!user.asked.empty()) {
    node.set("jid", user.asked);
  } else if (account != nullptr) {
    node.set("jid", account->jid(by_lid ? Form::lid : Form::pn));
  }
  if (account != nullptr && by_lid) node.set("pn_jid", account->jid(Form::pn));
  if (contact != nullptr) {
    const wire::Node* asked = user.node->child("contact");
    wire::Node answer("contact");
    answer.set("type", account != nullptr ? "in" : "out");
    if (asked != nullptr && !asked->bytes().empty()) answer.body(asked->bytes());
    node.add(std::move(answer));
  }
  if (account == nullptr) return node;
  if (query.child("devices") != nullptr) {
    node.add(devices_node(*account));
    if (Device* asker = world_.device(from)) asker->known_lists[account->phone] = account->list_version;
  }
  if (query.child("lid") != nullptr && !user.asked.is_lid())
    node.add(wire::Node("lid").set("val", account->jid(Form::lid)));
  if (query.child("status") != nullptr) node.add(status_node(from, *account));
  if (query.child("disappearing_mode") != nullptr)
    node.add(wire::Node("disappearing_mode")
                 .set("duration", static_cast<std::uint64_t>(account->timer))
                 .set("t", static_cast<std::uint64_t>(account->timer_set)));
  return node;
}

wire::Node Directory::devices_node(const Account& account) const {
  wire::Node list("device-list");
  list.set("hash", participant_hash(device_jids(account, Form::pn)));
  for (const auto& [number, device] : account.devices) list.add(device_node(device));
  wire::Node node("devices");
  node.add(std::move(list));
  if (!account.key_index_list.empty())
    node.add(wire::Node("key-index-list")
                 .set("ts", static_cast<std::uint64_t>(account.key_index_time))
                 .body(ByteView(account.key_index_list)));
  return node;
}

void Directory::notify(const DeviceRef& to, const Account& account, wire::Node child, Form form,
                       std::string_view type) {
  const std::string id = world_.next_id();
  wire::Node note("notification");
  note.set("from", account.jid(form))
      .set("id", id)
      .set("type", std::string(type))
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  if (type == "devices") note.set("lid", account.jid(Form::lid));
  note.add(std::move(child));
  // Of its own account's list a client is only sure after a query: Baileys takes note of account_sync, no
  // more.
  if (type == "devices") news_[{to, id}] = News{account.phone, account.list_version};
  mailroom_.deliver(to, std::move(note));
}

void Directory::changed(const std::string& phone, const Device& device, bool added) {
  Account* account = world_.account(phone);
  if (account == nullptr) return;
  const DeviceRef primary{phone, 0};
  const bool silently = added && world_.faults.strike(FaultKind::unannounced, &primary).has_value();
  if (silently) account->unannounced.insert(device.number);
  if (!added) account->unannounced.erase(device.number);
  wire::Node keys("key-index-list");
  keys.set("ts", static_cast<std::uint64_t>(account->key_index_time)).body(ByteView(account->key_index_list));

  wire::Node change(added ? "add" : "remove");
  change.set("device_hash", participant_hash(device_jids(*account, Form::pn)))
      .set("device_lid_hash", participant_hash(device_jids(*account, Form::lid)));
  wire::Node changed_device("device");
  changed_device.set("jid", account->jid(Form::pn, device.number))
      .set("lid", account->jid(Form::lid, device.number))
      .set("key-index", static_cast<std::uint64_t>(device.key_index));
  change.add(std::move(changed_device)).add(keys);

  wire::Node own("devices");
  own.set("dhash", participant_hash(device_jids(*account, Form::pn)));
  for (const auto& [number, mine] : account->devices) {
    wire::Node entry("device");
    entry.set("jid", account->jid(Form::pn, number));
    if (number != 0) entry.set("key-index", static_cast<std::uint64_t>(mine.key_index));
    own.add(std::move(entry));
  }
  own.add(keys);

  for (auto& [other_phone, other] : world_.accounts) {
    for (auto& [number, listener] : other.devices) {
      const DeviceRef to{other_phone, number};
      if (number == 0 || (other_phone == phone && number == device.number)) continue;
      if (other_phone == phone) {
        notify(to, *account, own, Form::pn, "account_sync");
      } else if (!silently && listener.known_lists.contains(phone)) {
        notify(to, *account, change, Form::pn, "devices");
      }
    }
  }
}

void Directory::acked(const DeviceRef& by, const wire::Node& ack) {
  auto news = news_.find({by, ack.attr("id")});
  if (news == news_.end()) return;
  if (Device* device = world_.device(by)) device->known_lists[news->second.phone] = news->second.version;
  news_.erase(news);
}

}  // namespace pigeond::sandbox
