// A world for tests of the message side: a service that answers queries at once, people with devices that
// hold real Signal sessions, and one account whose Chat is under test.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "engine/chat.h"
#include "engine/messages/identity/key_bundles.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/text.h"
#include "signal/group.h"
#include "signal/memory_store.h"
#include "signal/session.h"
#include "signal/sqlite_store.h"
#include "store/account/credentials.h"
#include "store/sessions.h"
#include "wire/codec.h"
#include "wire/proto.h"

namespace pigeond::engine {

inline signal::Address address_of(const wire::Jid& device) {
  return {device.user + (device.is_lid() ? "_1" : ""), device.device};
}

inline wire::Jid jid(std::string_view text) {
  return wire::parse_jid(text).value();
}

// One device of somebody, with its own keys.
class PeerDevice {
 public:
  PeerDevice(wire::Jid pn, wire::Jid lid, std::uint64_t seed)
      : pn_(std::move(pn)),
        lid_(std::move(lid)),
        random_(seed),
        store_(crypto::generate_key_pair(random_), static_cast<std::uint32_t>(1000 + seed)),
        sessions_(store_, random_),
        groups_(store_, random_) {
    signed_key_ = signal::make_signed_pre_key(1, store_.identity_key_pair(), 0, random_);
    store_.save_signed_pre_key(signed_key_);
  }

  const wire::Jid& pn() const { return pn_; }
  const wire::Jid& lid() const { return lid_; }
  signal::Sessions& sessions() { return sessions_; }
  signal::GroupSessions& groups() { return groups_; }
  signal::MemoryStore& store() { return store_; }
  Random& random() { return random_; }
  Bytes device_identity;  // shown beside its keys; see adv.h

  // As the service hands it out, with a fresh one-time key.
  wire::Node bundle(const wire::Jid& as) {
    wire::Node user = keys();
    user.tag = "user";
    user.set("jid", as);
    wire::Node registration("registration");
    registration.body(registration_bytes(store_.registration_id()));
    user.add(std::move(registration));
    return user;
  }
  wire::Node keys() {
    const signal::PreKey key = signal::make_pre_keys(next_key_++, 1, random_).front();
    store_.save_pre_key(key);
    return retry_keys(store_.identity_key_pair().pub, key, signed_key_, device_identity);
  }

  Result<Bytes> open(const wire::Node& enc, const wire::Jid& from) {
    const auto kind = enc.is("type", "pkmsg") ? signal::Kind::pkmsg : signal::Kind::msg;
    auto plaintext = sessions_.decrypt(address_of(from), kind, enc.bytes());
    if (!plaintext) return plaintext;
    auto message = unpadded(*plaintext);
    if (!message) return message.error();
    return to_bytes(*message);
  }

  wire::Node seal(const wire::Jid& to, ByteView message) {
    auto ciphertext = sessions_.encrypt(address_of(to), padded(message, random_));
    EXPECT_TRUE(ciphertext.ok());
    wire::Node enc("enc");
    enc.set("v", "2").set("type", ciphertext->kind == signal::Kind::pkmsg ? "pkmsg" : "msg");
    enc.body(ciphertext->bytes);
    return enc;
  }

 private:
  wire::Jid pn_, lid_;
  SeededRandom random_;
  signal::MemoryStore store_;
  signal::Sessions sessions_;
  signal::GroupSessions groups_;
  signal::SignedPreKey signed_key_;
  std::uint32_t next_key_ = 1;
};

struct Person {
  wire::Jid pn, lid;   // without device; lid empty: the service names none
  bool listed = true;  // false: not on WhatsApp
  std::vector<std::uint16_t> listed_devices;
  std::map<std::uint16_t, std::unique_ptr<PeerDevice>> devices;
};

class FakeService final : public Stanzas {
 public:
  bool online() const override { return is_online; }
  void send(const wire::Node& node) override {
    if (is_online) sent.push_back(*wire::decode(wire::encode(node)));
  }
  void query(wire::Node iq, IqCallback callback) override {
    iq.set("id", next_id());
    const bool of_account = !iq.is("xmlns", "usync") && !iq.is("xmlns", "encrypt") && !iq.is("xmlns", "w:p");
    (of_account ? account_queries : queries).push_back(iq);
    if (!is_online) return callback(fail(Cause::link_lost));
    if (iq.is("xmlns", "w:p") && !answers_pings) return;
    if (of_account && !hold_account) return callback(account_answer(iq));
    if (of_account) {
      held_account.emplace_back(std::move(iq), std::move(callback));
      return;
    }
    held.emplace_back(std::move(iq), std::move(callback));
    if (!hold) release();
  }
  void give_up_link(const Error& why) override { given_up.push_back(why); }
  std::string next_id() override { return "q" + std::to_string(++counter_); }

  void release() {
    while (!held.empty()) {
      auto [iq, callback] = std::move(held.front());
      held.pop_front();
      callback(answer(iq));
    }
  }
  void release_account() {
    for (auto& [iq, callback] : std::exchange(held_account, {})) callback(account_answer(iq));
  }
  void lose_link() {
    is_online = false;
    auto open = std::exchange(held, {});
    for (auto& one : std::exchange(held_account, {})) open.push_back(std::move(one));
    for (auto& [iq, callback] : open) callback(fail(Cause::link_lost));
  }

  PeerDevice* device(const wire::Jid& jid) {
    for (auto& person : people)
      if (person->pn.same_user(jid) || person->lid.same_user(jid))
        if (auto found = person->devices.find(jid.device); found != person->devices.end())
          return found->second.get();
    return nullptr;
  }
  Person* person(const wire::Jid& jid) {
    for (auto& one : people)
      if (one->pn.same_user(jid) || one->lid.same_user(jid)) return one.get();
    return nullptr;
  }

  bool is_online = true;
  bool hold = false;          // answers wait for release()
  bool hold_account = false;  // those to account_queries wait for release_account()
  int refuse_keys = 0;        // 406 for this many key queries
  bool answers_pings = true;
  std::optional<wire::Node> usync_answer;  // instead of what is known of the people
  std::vector<Error> given_up;             // links
  std::vector<wire::Node> sent;
  std::vector<wire::Node> queries;          // about devices and keys
  std::vector<wire::Node> account_queries;  // all others
  // Answers to those, by xmlns; what isn't here gets an empty result.
  std::map<std::string, std::function<Result<wire::Node>(const wire::Node&)>> account_answers;
  std::deque<std::pair<wire::Node, IqCallback>> held;
  std::deque<std::pair<wire::Node, IqCallback>> held_account;
  std::vector<std::unique_ptr<Person>> people;

 private:
  Result<wire::Node> answer(const wire::Node& iq) {
    if (iq.is("xmlns", "w:p")) return wire::Node("iq").set("type", "result");
    if (iq.is("xmlns", "usync") && usync_answer) return *usync_answer;
    return iq.is("xmlns", "usync") ? usync(iq) : keys(iq);
  }
  Result<wire::Node> account_answer(const wire::Node& iq) {
    const auto known = account_answers.find(iq.attr("xmlns"));
    return known == account_answers.end() ? wire::Node("iq") : known->second(iq);
  }

  static wire::Node device_list(const Person& person) {
    wire::Node list("device-list");
    for (const auto id : person.listed_devices) {
      wire::Node device("device");
      device.set("id", std::uint64_t{id});
      if (id != 0) device.set("key-index", std::uint64_t{id});
      list.add(std::move(device));
    }
    wire::Node devices("devices");
    devices.add(std::move(list));
    return devices;
  }

  Result<wire::Node> usync(const wire::Node& iq) {
    const auto& query = *iq.path({"usync", "query"});
    wire::Node list("list");
    iq.path({"usync", "list"})->each("user", [&](const wire::Node& asked) {
      wire::Node user("user");
      const auto* number = asked.child("contact");
      const wire::Jid as = number ? wire::pn(number->text().substr(1)) : asked.jid("jid").value();
      const Person* found = person(as);
      user.set("jid", as);
      if (query.child("contact")) {
        wire::Node contact("contact");
        contact.set("type", found && found->listed ? "in" : "out");
        contact.content = number ? number->text() : std::string();
        user.add(std::move(contact));
      }
      if (found && found->listed) {
        if (query.child("devices")) user.add(device_list(*found));
        if (query.child("lid") && !found->lid.empty()) {
          wire::Node lid("lid");
          lid.set("val", found->lid);
          user.add(std::move(lid));
        }
      }
      list.add(std::move(user));
    });
    wire::Node usync("usync"), result("iq");
    usync.add(std::move(list));
    result.add(std::move(usync));
    return result;
  }

  Result<wire::Node> keys(const wire::Node& iq) {
    if (refuse_keys > 0) {
      --refuse_keys;
      return fail(Cause::ack_error, "not-acceptable", 406);
    }
    wire::Node list("list"), result("iq");
    iq.child("key")->each("user", [&](const wire::Node& asked) {
      const wire::Jid as = asked.jid("jid").value();
      PeerDevice* found = device(as);
      if (found != nullptr) {
        list.add(found->bundle(as));
        return;
      }
      wire::Node user("user"), error("error");
      error.set("code", "404");
      user.set("jid", as);
      user.add(std::move(error));
      list.add(std::move(user));
    });
    result.add(std::move(list));
    return result;
  }

  int counter_ = 0;
};

class ChatTest : public testing::Test {
 protected:
  ChatTest() {
    database = std::move(*store::Database::open(":memory:"));
    database->begin();
    store::SessionRow row;
    row.name = "default";
    session = store::SessionTable(*database).create(row);
    credentials.noise = crypto::generate_key_pair(random);
    credentials.identity = crypto::generate_key_pair(random);
    credentials.registration_id = 77;
    credentials.signed_pre_key_id = 1;
    credentials.pn = jid("4911:7@s.whatsapp.net");
    credentials.lid = jid("9911:7@lid");
    credentials.lid_migrated = true;
    credentials.device_identity = {1, 2, 3};
    store::CredentialsTable(*database, session).save(credentials);
    signal::SqliteStore keys(*database, session, credentials);
    keys.save_signed_pre_key(signal::make_signed_pre_key(1, credentials.identity, 0, random));
    commit();
    now = {1000, 1700000000000};
    context = std::make_unique<Context>(
        Context{now, random, *database, session, "default", profile, credentials, {}, {}});
    own = add_person("4911", "9911", {0, 7, 9});
    alice = add_person("4922", "9922", {0, 5});
    start();
  }

  void start() {
    chat = std::make_unique<Chat>(*context, service);
    chat->online();
  }
  void commit() {
    const Status done = database->commit();
    ASSERT_TRUE(done.ok()) << done.error().detail;
    database->begin();
  }

  Person* add_person(const std::string& pn, const std::string& lid, std::vector<std::uint16_t> devices) {
    auto person = std::make_unique<Person>();
    person->pn = wire::pn(pn);
    if (!lid.empty()) person->lid = wire::lid(lid);
    person->listed_devices = devices;
    for (const auto id : devices)
      if (!(pn == "4911" && id == 7))
        person->devices[id] = std::make_unique<PeerDevice>(
            person->pn.with_device(id), person->lid.empty() ? wire::Jid{} : person->lid.with_device(id),
            ++seed);
    service.people.push_back(std::move(person));
    return service.people.back().get();
  }

  // --- out ---
  void send(const std::string& to, const std::string& text, RequestId request = 1,
            const std::string& id = {}) {
    chat->send({request, jid(to), id, text_content(text), {}, {}});
    commit();
  }
  std::vector<wire::Node> sent(std::string_view tag) const {
    std::vector<wire::Node> found;
    for (const auto& node : service.sent)
      if (node.tag == tag) found.push_back(node);
    return found;
  }
  const wire::Node& last(std::string_view tag) {
    static wire::Node none;
    for (auto at = service.sent.rbegin(); at != service.sent.rend(); ++at)
      if (at->tag == tag) return *at;
    ADD_FAILURE() << "no <" << tag << "> was sent";
    return none;
  }
  void ack(const std::string& id, const std::string& error = {}) {
    wire::Node node("ack");
    node.set("class", "message")
        .set("id", id)
        .set("from", alice->lid)
        .set("t", "1700000005")
        .set("error", error);
    handle(node);
  }
  bool handle(const wire::Node& node) {
    const bool taken = chat->handle(node);
    commit();
    return taken;
  }
  static std::map<std::string, wire::Node> copies(const wire::Node& message) {
    std::map<std::string, wire::Node> found;
    const auto* participants = message.child("participants");
    if (participants != nullptr)
      participants->each("to", [&](const wire::Node& to) { found[to.attr("jid")] = *to.child("enc"); });
    return found;
  }

  // --- in ---
  // Gives a peer a session with us, as from a bundle the service handed out.
  void greet(PeerDevice& device, const wire::Jid& as) {
    signal::SqliteStore keys(*database, session, context->credentials);
    const signal::PreKey key = signal::make_pre_keys(next_own_key++, 1, random).front();
    keys.save_pre_key(key);
    const auto signed_key = keys.load_signed_pre_key(1).value();
    signal::PreKeyBundle bundle;
    bundle.registration_id = 77;
    bundle.identity = context->credentials.identity.pub;
    bundle.signed_pre_key_id = 1;
    bundle.signed_pre_key = signed_key.key.pub;
    bundle.signature = signed_key.signature;
    bundle.pre_key_id = key.id;
    bundle.pre_key = key.key.pub;
    ASSERT_TRUE(device.sessions().start(address_of(as), bundle).ok());
    commit();
  }
  static Bytes text(const std::string& value) {
    Bytes out;
    append_field(out, 1, as_bytes(value));
    return out;
  }
  wire::Node message(const std::string& id, const wire::Jid& from, wire::Node enc) {
    wire::Node node("message");
    node.set("id", id).set("from", from).set("t", "1700000001").set("type", "text").set("notify", "Alice");
    if (const Person* author = service.person(from); author != nullptr && from.is_lid() && author != own)
      node.set("sender_pn", author->pn);
    node.add(std::move(enc));
    return node;
  }

  // --- effects ---
  template <typename T>
  std::vector<T> effects() const {
    std::vector<T> found;
    for (const auto& effect : context->effects)
      if (const auto* one = std::get_if<T>(&effect)) found.push_back(*one);
    return found;
  }
  // Messages of others, and of own other devices, that can be read.
  std::vector<MessageEvent> shown() const {
    std::vector<MessageEvent> found;
    for (auto& event : effects<MessageEvent>())
      if (!event.from_api && event.unread == Unread::no) found.push_back(event);
    return found;
  }

  SeededRandom random{42};
  ClientProfile profile;
  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  store::Credentials credentials;
  Instant now;
  std::unique_ptr<Context> context;
  FakeService service;
  std::unique_ptr<Chat> chat;
  Person *own = nullptr, *alice = nullptr;
  std::uint64_t seed = 0;
  std::uint32_t next_own_key = 100;
};

}  // namespace pigeond::engine
