#include "sandbox/service.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/links/login.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kSaltBytes = 32;

wire::Node stream_error(int code) {
  wire::Node node("stream:error");
  return node.set("code", static_cast<std::uint64_t>(code));
}

wire::Node conflict(int code, const char* type) {
  wire::Node node = stream_error(code);
  return node.add(wire::Node("conflict").set("type", type));
}

}  // namespace

Service::Service(const Policy& policy, const ServerIdentity& identity, Instant now, Random& random)
    : world_(policy, random),
      identity_(identity),
      mailroom_(world_),
      keys_(world_, mailroom_),
      directory_(world_, mailroom_),
      tokens_(world_, mailroom_),
      limits_(world_, mailroom_),
      groups_(world_, mailroom_),
      presences_(world_, tokens_),
      settings_(world_, mailroom_),
      switchboard_(world_, mailroom_),
      media_(world_),
      uploads_(world_, media_),
      router_(world_, mailroom_, keys_, tokens_),
      registrar_(world_),
      link_codes_(world_, registrar_),
      passkeys_(world_, registrar_),
      desk_(world_, mailroom_, keys_, directory_, tokens_, settings_, limits_, groups_) {
  world_.now = now;
  world_.write = [this](ConnectionId connection, const wire::Node& node) { write(connection, node); };
  world_.close = [this](ConnectionId connection) { close(connection, false); };
  world_.cut = [this](ConnectionId connection) { close(connection, true); };
  world_.recycle = [this](ConnectionId connection, const wire::Node& error) {
    const auto found = clients_.find(connection);
    if (found == clients_.end() || found->second.silent) return;
    write(connection, error);
    close(connection, false);
  };
  world_.ring = [this](const std::string& number, wire::Node node) {
    ringing_.emplace_back(number, std::move(node));
  };
  world_.keys_arrived = [this](const DeviceRef& who) { to_greet_.push_back(who); };
  desk_.set_media([this](const DeviceRef& who) {
    const Device* device = world_.device(who);
    const auto client =
        device != nullptr && device->connection ? clients_.find(*device->connection) : clients_.end();
    const bool secure = client != clients_.end() && client->second.secure;
    return MediaAccess{secure ? media_secure_ : media_plain_,
                       media_.auth().issue(who, world_.now.unix_seconds()), media_.auth().lifetime,
                       uploads_.most, media_fallback};
  });
  desk_.set_removal([this](const DeviceRef& who) { unlink(who); });
  Registrar::PhoneSide side;
  side.approve = [this](const std::string& number, const Key32& identity_key, std::uint32_t key_index,
                        bool forge) { return phones_.at(number)->approve(identity_key, key_index, forge); };
  side.confirmed = [this](const DeviceRef& companion) {
    Account* account = world_.account(companion.phone);
    ++account->list_version;
    phones_.at(companion.phone)->list_changed();
    directory_.changed(companion.phone, account->devices.at(companion.number), true);
  };
  registrar_.set_phone_side(std::move(side));
  const auto gate = [this](ConnectionId connection, const std::string& number, Registrar::Scanned& done) {
    if (!world_.account(number)->passkey) return false;
    passkeys_.demand(connection, number, std::move(done));
    return true;
  };
  registrar_.set_gate(gate);
  link_codes_.set_gate(gate);
  link_codes_.set_phone_side(
      [this](const std::string& number, const Key32& pub) { return phones_.at(number)->agree(pub); });
}

Service::~Service() = default;

Phone* Service::phone(const std::string& number) {
  const auto found = phones_.find(number);
  return found == phones_.end() ? nullptr : found->second.get();
}

// --- connections ---

ConnectionId Service::open(Instant now, bool secure) {
  world_.now = now;
  const ConnectionId connection = next_connection_++;
  clients_[connection].secure = secure;
  const bool forged = world_.faults.strike(FaultKind::forged_certificate, nullptr).has_value();
  clients_[connection].link =
      std::make_unique<ServerLink>(identity_, forged, now.unix_seconds(), world_.random);
  return connection;
}

void Service::receive(Instant now, ConnectionId connection, ByteView bytes) {
  world_.now = now;
  auto found = clients_.find(connection);
  if (found == clients_.end() || found->second.closing) return;
  found->second.link->feed(bytes);
  while (!found->second.closing) {
    auto step = found->second.link->next();
    if (!step) {
      const auto& device = found->second.device;
      world_.violation("link", device ? &*device : nullptr, step.error().detail, nullptr);
      close(connection, false);
      break;
    }
    if (!*step) break;
    if (auto* reply = std::get_if<ServerLink::Reply>(&**step)) {
      effects_.push_back(Write{connection, std::move(reply->bytes)});
    } else if (auto* hello = std::get_if<ServerLink::LoggedIn>(&**step)) {
      greet(connection, std::move(*hello));
    } else {
      handle(connection, std::get<wire::Node>(**step));
    }
    settle();
    found = clients_.find(connection);
    if (found == clients_.end()) return;
  }
  settle();
}

void Service::closed(Instant now, ConnectionId connection) {
  world_.now = now;
  auto found = clients_.find(connection);
  if (found == clients_.end()) return;
  const auto device = found->second.device;
  clients_.erase(found);
  link_codes_.disconnected(connection);
  passkeys_.disconnected(connection);
  registrar_.disconnected(connection);
  if (device) {
    presences_.disconnected(*device);  // before it is nobody's device any more: who watches is told
    mailroom_.disconnected(*device);
  }
  settle();
}

void Service::wake(Instant now) {
  world_.now = now;
  for (auto& [connection, client] : clients_) {
    if (!client.waiting || client.closing || client.answer_at > now.mono) continue;
    log_in(connection, *std::exchange(client.waiting, std::nullopt));
  }
  registrar_.sweep();
  passkeys_.sweep();
  link_codes_.sweep();
  mailroom_.sweep();
  settle();
}

std::optional<Millis> Service::next_wake() const {
  std::optional<Millis> next = registrar_.next_wake();
  auto consider = [&next](std::optional<Millis> due) {
    if (due && (!next || *due < *next)) next = due;
  };
  consider(link_codes_.next_wake());
  consider(passkeys_.next_wake());
  consider(mailroom_.next_wake());
  for (const auto& [connection, client] : clients_)
    if (client.waiting) consider(client.answer_at);
  return next;
}

std::vector<Effect> Service::take_effects() {
  return std::exchange(effects_, {});
}

void Service::write(ConnectionId connection, const wire::Node& node) {
  auto found = clients_.find(connection);
  if (found == clients_.end() || found->second.silent || found->second.closing) return;
  trace(connection, node, false);
  auto bytes = found->second.link->seal(node);
  if (bytes) effects_.push_back(Write{connection, std::move(*bytes)});
}

// Nothing more is read or written; the device is free for another connection at once. The link itself goes in
// settle(), since whoever calls this may still stand on it.
void Service::close(ConnectionId connection, bool cut) {
  auto found = clients_.find(connection);
  if (found == clients_.end() || found->second.closing) return;
  found->second.closing = true;
  closing_.push_back(connection);
  effects_.push_back(Close{connection, cut});
  if (!found->second.device) return;
  presences_.disconnected(*found->second.device);
  mailroom_.disconnected(*found->second.device);
}

void Service::settle() {
  if (settling_) return;
  settling_ = true;
  while (!ringing_.empty() || !to_greet_.empty()) {
    if (!to_greet_.empty()) {
      const DeviceRef who = to_greet_.front();
      to_greet_.pop_front();
      if (Phone* owner = phone(who.phone); owner != nullptr && who.number != 0) owner->greet(who.number);
      continue;
    }
    auto [number, stanza] = std::move(ringing_.front());
    ringing_.pop_front();
    if (Phone* owner = phone(number)) owner->receive(stanza);
  }
  for (const ConnectionId connection : std::exchange(closing_, {})) {
    clients_.erase(connection);
    link_codes_.disconnected(connection);
    passkeys_.disconnected(connection);
    registrar_.disconnected(connection);
  }
  settling_ = false;
}

void Service::trace(ConnectionId connection, const wire::Node& stanza, bool from_client) {
  if (world_.policy.trace_capacity == 0) return;
  TraceEntry entry;
  entry.time = world_.now.wall;
  entry.connection = connection;
  entry.from_client = from_client;
  entry.stanza = stanza;
  const auto found = clients_.find(connection);
  if (from_client && found != clients_.end()) entry.bytes = to_bytes(found->second.link->plaintext());
  if (found != clients_.end() && found->second.device) {
    entry.account = found->second.device->phone;
    entry.device = found->second.device->number;
  }
  world_.trace.add(std::move(entry));
}

// --- control ---

Status Service::add_account(Instant now, const NewAccount& wanted) {
  world_.now = now;
  if (!is_digits(wanted.phone) || wanted.phone.size() < 5 || wanted.phone.size() > 15 ||
      wanted.phone.front() == '0')
    return fail(Cause::bad_input, "phone");
  if (!wanted.lid.empty() && (!is_digits(wanted.lid) || wanted.lid.size() > 18))
    return fail(Cause::bad_input, "lid");
  if (world_.account(wanted.phone) != nullptr) return fail(Cause::already_exists, "phone");
  std::string lid = wanted.lid;
  while (lid.empty() || world_.account(wire::lid(lid)) != nullptr) {
    if (!wanted.lid.empty()) return fail(Cause::already_exists, "lid");
    constexpr std::uint64_t kFirst = 100'000'000'000'000;  // as long as real ones
    lid = std::to_string(kFirst + world_.random.below(kFirst));
  }
  Account& account = world_.accounts[wanted.phone];
  account.phone = wanted.phone;
  account.lid = lid;
  world_.phones_by_lid[lid] = wanted.phone;
  account.name = wanted.name.empty() ? wanted.phone : wanted.name;
  account.about = wanted.about;
  account.picture = wanted.picture;
  account.shows_nobody = wanted.shows_nobody;
  account.lid_migrated = wanted.lid_migrated;
  account.tells_migration = wanted.tells_migration;
  account.sets_migration = wanted.sets_migration;
  account.tells_watchers = wanted.tells_watchers;
  account.passkey = wanted.passkey;
  account.hides_number = wanted.hides_number;
  if (wanted.forbids_adding) account.privacy["groupadd"] = "none";
  account.business = wanted.business;
  if (!wanted.dialled.empty()) world_.phones_by_dialled[wanted.dialled] = wanted.phone;
  account.created = now.unix_seconds();
  account.devices[0].number = 0;
  account.nct_salt = world_.random.bytes(kSaltBytes);
  phones_[wanted.phone] =
      std::make_unique<Phone>(world_, router_, keys_, media_, wanted.phone, wanted.options);
  return {};
}

void Service::scan(Instant now, const std::string& number, const std::string& qr, Registrar::Scanned done) {
  world_.now = now;
  registrar_.scan(number, qr, std::move(done));
  settle();
}

void Service::enter_code(Instant now, const std::string& number, const std::string& code,
                         Registrar::Scanned done) {
  world_.now = now;
  link_codes_.enter(number, code, std::move(done));
  settle();
}

Status Service::refresh_code(Instant now, const std::string& number) {
  world_.now = now;
  if (!link_codes_.refresh(number)) return fail(Cause::not_found, "account");
  settle();
  return {};
}

Result<std::string> Service::send_text(Instant now, const std::string& number, const std::string& to,
                                       const std::string& text, const std::string& reply_to) {
  world_.now = now;
  Phone* sender = phone(number);
  if (sender == nullptr) return fail(Cause::not_found, "account");
  auto id = sender->send_text(to, text, reply_to);
  settle();
  return id;
}

Result<std::string> Service::send_content(Instant now, const std::string& number, const std::string& to,
                                          ByteView message, const Phone::Look& look, const std::string& id) {
  world_.now = now;
  Phone* sender = phone(number);
  if (sender == nullptr) return fail(Cause::not_found, "account");
  auto sent = sender->send_content(to, message, look, id);
  settle();
  return sent;
}

Result<std::string> Service::send_file(Instant now, const std::string& number, const std::string& to,
                                       const PhoneFile& file) {
  world_.now = now;
  Phone* sender = phone(number);
  if (sender == nullptr) return fail(Cause::not_found, "account");
  auto sent = sender->send_file(to, file);
  settle();
  return sent;
}

Status Service::set_reupload(Instant now, const std::string& number, const std::string& id, Reupload answer) {
  world_.now = now;
  Phone* owner = phone(number);
  PhoneMessage* message = owner == nullptr ? nullptr : owner->log().find(id);
  if (message == nullptr || !message->media) return fail(Cause::not_found, "id");
  message->media->reupload = answer;
  return {};
}

Result<std::string> Service::call(Instant now, const CallAction& call) {
  world_.now = now;
  auto id = switchboard_.act(call);
  settle();
  return id;
}

Status Service::show(Instant now, const std::string& phone, bool available) {
  world_.now = now;
  Account* account = world_.account(phone);
  if (account == nullptr) return fail(Cause::not_found, "account");
  presences_.show(*account, available);
  settle();
  return {};
}

Status Service::write_state(Instant now, const std::string& phone, const std::string& to, wire::Node state) {
  world_.now = now;
  const Account* account = world_.account(phone);
  const Account* other_side = world_.account(to);
  if (account == nullptr) return fail(Cause::not_found, "account");
  if (other_side == nullptr || other_side == account) return fail(Cause::not_found, "to");
  presences_.write(*account, *other_side, std::move(state));
  settle();
  return {};
}

// As whatsapp-rust reads it (src/handlers/notification/profile.rs).
Status Service::moved(Instant now, const std::string& phone, const std::string& to, const std::string& told) {
  world_.now = now;
  const Account* former = world_.account(phone);
  const Account* account = world_.account(to);
  const Account* listener = world_.account(told);
  if (former == nullptr) return fail(Cause::not_found, "account");
  if (account == nullptr || account == former) return fail(Cause::not_found, "to");
  if (listener == nullptr) return fail(Cause::not_found, "told");
  wire::Node modify("modify"), note("notification");
  modify.set("old", former->jid(Form::pn)).set("new", account->jid(Form::pn));
  modify.set("old_lid", former->jid(Form::lid)).set("new_lid", account->jid(Form::lid));
  note.set("from", wire::service())
      .set("type", "contacts")
      .set("t", static_cast<std::uint64_t>(now.unix_seconds()));
  note.add(std::move(modify));
  for (const auto& [number, device] : listener->devices) {
    if (number == 0) continue;
    note.set("id", world_.next_id());
    mailroom_.deliver({told, number}, note);
  }
  settle();
  return {};
}

Status Service::hide_number(Instant now, const std::string& phone, bool hidden) {
  world_.now = now;
  Account* account = world_.account(phone);
  if (account == nullptr) return fail(Cause::not_found, "account");
  account->hides_number = hidden;
  return {};
}

Status Service::read(Instant now, const std::string& number, const std::string& chat,
                     const std::vector<std::string>& ids, bool played) {
  world_.now = now;
  Phone* reader = phone(number);
  if (reader == nullptr) return fail(Cause::not_found, "account");
  auto status = reader->read(chat, ids, played);
  settle();
  return status;
}

Status Service::show_reads(Instant now, const std::string& phone, bool shows) {
  world_.now = now;
  if (world_.account(phone) == nullptr) return fail(Cause::not_found, "account");
  settings_.set_privacy({phone, 0}, "readreceipts", shows ? "all" : "none");
  settle();
  return {};
}

Status Service::give_token(Instant now, const std::string& by, const std::string& to, bool notify) {
  world_.now = now;
  const Account* giver = world_.account(by);
  const Account* contact = world_.account(to);
  if (giver == nullptr) return fail(Cause::not_found, "account");
  if (contact == nullptr || contact == giver) return fail(Cause::not_found, "to");
  tokens_.give(*giver, *contact, notify);
  settle();
  return {};
}

Status Service::set_timelock(Instant now, const std::string& phone, std::optional<Timelock> timelock) {
  world_.now = now;
  Account* account = world_.account(phone);
  if (account == nullptr) return fail(Cause::not_found, "account");
  limits_.set_timelock(*account, std::move(timelock));
  settle();
  return {};
}

Status Service::set_capping(Instant now, const std::string& phone, std::optional<Capping> capping) {
  world_.now = now;
  Account* account = world_.account(phone);
  if (account == nullptr) return fail(Cause::not_found, "account");
  limits_.set_capping(*account, std::move(capping));
  settle();
  return {};
}

Result<std::string> Service::create_group(Instant now, const NewGroup& group) {
  world_.now = now;
  auto id = groups_.create(group);
  settle();
  return id;
}

Result<wire::Node> Service::ask_groups(Instant now, const std::string& phone, const wire::Node& iq) {
  world_.now = now;
  if (world_.account(phone) == nullptr) return fail(Cause::not_found, "account");
  std::function<void()> afterwards;
  wire::Node answer = groups_.answer({phone, 0}, iq, afterwards);
  if (afterwards) afterwards();
  settle();
  return answer;
}

Status Service::change_group(Instant now, const std::string& id, const std::function<void(Group&)>& change) {
  world_.now = now;
  const auto found = world_.groups.find(id);
  if (found == world_.groups.end()) return fail(Cause::not_found, "group");
  change(found->second);
  return {};
}

void Service::set_media_hosts(std::string plain, std::string secure) {
  media_plain_ = std::move(plain);
  media_secure_ = std::move(secure);
}

Status Service::remove_device(Instant now, const std::string& number, std::uint16_t device) {
  world_.now = now;
  if (world_.account(number) == nullptr) return fail(Cause::not_found, "account");
  if (device == 0) return fail(Cause::bad_input, "device");
  if (world_.device({number, device}) == nullptr) return fail(Cause::not_found, "device");
  unlink({number, device});
  settle();
  return {};
}

void Service::unlink(const DeviceRef& who) {
  Account* account = world_.account(who.phone);
  Device* device = world_.device(who);
  if (account == nullptr || device == nullptr || who.number == 0) return;
  if (device->connection) {
    const ConnectionId connection = *device->connection;
    write(connection, conflict(401, "device_removed"));
    close(connection, false);
  }
  const Device removed = *device;
  account->devices.erase(who.number);
  ++account->list_version;
  Phone* owner = phone(who.phone);
  owner->forget(who.number);
  owner->list_changed();
  directory_.changed(who.phone, removed, false);
}

Result<std::size_t> Service::disconnect(Instant now, const std::string& number,
                                        std::optional<std::uint16_t> device) {
  world_.now = now;
  Account* account = world_.account(number);
  if (account == nullptr) return fail(Cause::not_found, "account");
  if (device && !account->devices.contains(*device)) return fail(Cause::not_found, "device");
  std::size_t count = 0;
  for (auto& [each, state] : account->devices) {
    if (!state.connection || (device && *device != each)) continue;
    close(*state.connection, true);
    ++count;
  }
  settle();
  return count;
}

Status Service::send_stanza(Instant now, const std::string& number, const std::string& tag) {
  world_.now = now;
  const Account* account = world_.account(number);
  if (account == nullptr) return fail(Cause::not_found, "account");
  wire::Node stanza(tag);
  stanza.set("from", wire::service()).set("id", world_.next_id()).set("type", "new");
  stanza.set("t", static_cast<std::uint64_t>(now.unix_seconds()));
  for (const auto& [each, device] : account->devices)
    if (each != 0) mailroom_.deliver({number, each}, stanza);
  settle();
  return {};
}

Status Service::release_withheld(Instant now, const std::string& number) {
  world_.now = now;
  const Account* account = world_.account(number);
  if (account == nullptr) return fail(Cause::not_found, "account");
  for (const auto& [each, device] : account->devices) mailroom_.release({number, each});
  settle();
  return {};
}

void Service::set_clients(Instant now, const ClientPolicy& policy) {
  world_.now = now;
  const bool tell = policy.expires != world_.policy.clients.expires;
  world_.policy.clients = policy;
  if (!tell) return;
  for (const auto& [connection, client] : clients_)
    if (client.device) write(connection, expiration_node(policy));
}

std::uint64_t Service::add_fault(Instant now, const Fault& fault) {
  world_.now = now;
  const std::uint64_t id = world_.faults.add(fault);
  // Silence starts now, not with the next stanza.
  if (fault.kind == FaultKind::silence)
    for (auto& [connection, client] : clients_)
      if (client.device && !client.silent && world_.faults.strike(FaultKind::silence, &*client.device))
        client.silent = true;
  return id;
}

}  // namespace pigeond::sandbox
