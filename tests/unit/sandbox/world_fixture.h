// A service with scripted clients on it.
#pragma once

#include "scripted_client.h"

namespace pigeond::sandbox {

class SandboxTest : public ::testing::Test {
 protected:
  static constexpr const char* kAlice = "4915110000001";
  static constexpr const char* kBob = "4915110000002";
  static wire::Jid alice(std::uint16_t device = 0) { return wire::pn(kAlice, device); }
  static wire::Jid bob(std::uint16_t device = 0) { return wire::pn(kBob, device); }

  SandboxTest() {
    now.mono = 1000;
    now.wall = 1'750'000'000'000;
    identity.authority.root = crypto::generate_key_pair(random);
    identity.authority.intermediate = crypto::generate_key_pair(random);
    identity.noise_key = crypto::generate_key_pair(random);
    restart({});
  }
  void restart(const Policy& policy) {
    clients.clear();
    service = std::make_unique<Service>(policy, identity, now, random);
    add(kAlice);
    add(kBob);
  }
  void add(const std::string& phone, std::optional<std::string> reply = std::nullopt) {
    NewAccount account;
    account.phone = phone;
    account.name = "Name of " + phone;
    account.options.reply = std::move(reply);
    account.options.addressing = Form::pn;
    ASSERT_TRUE(service->add_account(now, account));
  }

  ScriptedClient& client() {
    clients.push_back(std::make_unique<ScriptedClient>(*service, random, now));
    return *clients.back();
  }
  // Carries bytes until nobody has anything more to say.
  void pump() {
    for (auto effects = service->take_effects(); !effects.empty(); effects = service->take_effects())
      for (const auto& effect : effects) carry(effect);
  }
  void advance(Millis time) {
    now.mono += time;
    now.wall += time;
    service->wake(now);
    pump();
  }
  void connect(ScriptedClient& who, const wa_ClientPayload& payload) {
    who.connect(payload);
    pump();
  }
  void send(ScriptedClient& who, const wire::Node& node) {
    who.send(node);
    pump();
  }
  wire::Node ask(ScriptedClient& who, const wire::Node& request) {
    send(who, request);
    const wire::Node* found = who.answer(request.attr("id"));
    EXPECT_NE(found, nullptr) << wire::to_xml(request);
    return found == nullptr ? wire::Node("iq") : *found;
  }

  // From nothing to a paired device, not connected.
  void pair(ScriptedClient& who, const std::string& phone) {
    connect(who, who.registration());
    send(who, who.pair_device_result());
    std::optional<Result<std::uint16_t>> scanned;
    service->scan(now, phone, who.qr(), [&](Result<std::uint16_t> result) { scanned = std::move(result); });
    pump();
    send(who, who.pair_device_sign());
    ASSERT_TRUE(scanned && *scanned);
    ASSERT_EQ(**scanned, who.self.number);
  }
  void log_in(ScriptedClient& who) {
    connect(who, who.login());
    send(who, who.active());
  }
  // Paired, logged in, with keys on the server, and what the phone had to say answered.
  ScriptedClient& linked(const std::string& phone, std::size_t keys = 20) {
    ScriptedClient& who = client();
    pair(who, phone);
    connect(who, who.login());
    send(who, who.upload(1, keys));
    send(who, who.active());
    for (const auto& message : who.all("message")) send(who, who.receipt(message, "peer_msg"));
    answer_notifications(who);
    who.received.clear();
    return who;
  }
  void answer_notifications(ScriptedClient& who) { answer_all(who, "notification"); }
  void answer_receipts(ScriptedClient& who) { answer_all(who, "receipt"); }
  // What the client sends goes through pump() between its steps.
  wire::Node text(ScriptedClient& who, const std::string& id, const wire::Jid& to, const std::string& words) {
    start_sessions(who, to);
    return who.text(id, to, words);
  }
  void start_sessions(ScriptedClient& who, const wire::Jid& to) {
    for (const Account* account : {service->world().account(to), service->world().account(who.self.phone)}) {
      for (const auto& [number, device] : account->devices) {
        const auto jid = account->jid(form_of(to), number);
        if (DeviceRef{account->phone, number} == who.self || who.sessions.has(who.address(jid))) continue;
        const wire::Node answer = ask(who, who.fetch(jid));
        const wire::Node* user = answer.path({"list", "user"});
        ASSERT_TRUE(who.sessions.start(who.address(jid), *read_bundle(*user, *user)));
      }
    }
  }

  std::vector<std::string> rules() const {
    std::vector<std::string> names;
    for (const auto& violation : service->world().trace.violations()) names.push_back(violation.rule);
    return names;
  }
  bool broke(const std::string& rule) const {
    const auto names = rules();
    return std::find(names.begin(), names.end(), rule) != names.end();
  }
  std::string last_error(ScriptedClient& who) const {
    const wire::Node* ack = who.last("ack");
    return ack == nullptr ? "no ack" : ack->attr("error");
  }

  SeededRandom random{7};
  Instant now;
  ServerIdentity identity;
  std::unique_ptr<Service> service;
  std::vector<std::unique_ptr<ScriptedClient>> clients;

 private:
  void answer_all(ScriptedClient& who, const char* tag) {
    for (const auto& stanza : who.all(tag))
      send(who, wire::Node("ack")
                    .set("class", tag)
                    .set("id", stanza.attr("id"))
                    .set("to", *stanza.jid("from"))
                    .set("type", stanza.attr("type")));
  }
  void carry(const Effect& effect) {
    const auto* write = std::get_if<Write>(&effect);
    const ConnectionId id = write != nullptr ? write->connection : std::get<Close>(effect).connection;
    for (auto& who : clients) {
      if (who->connection != id) continue;
      if (write != nullptr) {
        who->take(write->bytes);
      } else {
        who->closed = true;
        who->connection.reset();
      }
    }
  }
};

}  // namespace pigeond::sandbox
