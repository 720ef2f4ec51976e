#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class Messages : public SandboxTest {
 protected:
  // A good message of Alice's companion to Bob, for spoiling.
  wire::Node good(ScriptedClient& who, const std::string& id = "M1") { return text(who, id, bob(), "hello"); }
  static std::vector<wire::Node>& copies(wire::Node& message) {
    for (auto& child : std::get<std::vector<wire::Node>>(message.content))
      if (child.tag == "participants") return std::get<std::vector<wire::Node>>(child.content);
    throw std::logic_error("no participants");
  }
  static wire::Node& enc(wire::Node& copy) { return std::get<std::vector<wire::Node>>(copy.content).front(); }
  static void drop_child(wire::Node& node, const std::string& tag) {
    std::erase_if(std::get<std::vector<wire::Node>>(node.content),
                  [&](const wire::Node& child) { return child.tag == tag; });
  }
  std::vector<PhoneMessage> seen_by(const std::string& phone) {
    return service->phone(phone)->log().since(0);
  }
};

TEST_F(Messages, ReachEveryDeviceOfBothSides) {
  ScriptedClient& sender = linked(kAlice);
  ScriptedClient& twin = linked(kAlice);
  ScriptedClient& first = linked(kBob);
  ScriptedClient& second = linked(kBob);
  send(sender, good(sender));
  ASSERT_NE(sender.last("ack"), nullptr);
  EXPECT_TRUE(sender.all("ack").front().is("class", "message"));
  EXPECT_TRUE(sender.all("ack").front().is("id", "M1"));
  EXPECT_EQ(sender.all("ack").front().attr("error"), "");
  EXPECT_EQ(first.read(*first.last("message")), "hello");
  EXPECT_EQ(second.read(*second.last("message")), "hello");
  EXPECT_EQ(twin.read(*twin.last("message")), "to " + bob().text() + ": hello");
  EXPECT_EQ(seen_by(kBob).back().text, "hello");
  EXPECT_EQ(seen_by(kAlice).back().text, "hello");
  EXPECT_TRUE(seen_by(kAlice).back().from_me);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Messages, CarryBothFormsOfTheOtherSide) {
  ScriptedClient& sender = linked(kAlice);
  ScriptedClient& twin = linked(kAlice);
  ScriptedClient& receiver = linked(kBob);
  Account& a = *service->world().account(kAlice);
  Account& b = *service->world().account(kBob);
  for (const Form form : {Form::pn, Form::lid}) {
    send(sender, text(sender, form == Form::pn ? "M1" : "M2", b.jid(form), "hello"));
    const wire::Node& message = *receiver.last("message");
    EXPECT_EQ(message.jid("from"), a.jid(form, sender.self.number));
    EXPECT_EQ(message.jid(form == Form::pn ? "sender_lid" : "sender_pn"), a.jid(other(form)));
    EXPECT_FALSE(message.has("recipient"));
    const wire::Node& copy = *twin.last("message");
    EXPECT_EQ(copy.jid("recipient"), b.jid(form));
    EXPECT_EQ(copy.jid(form == Form::pn ? "peer_recipient_lid" : "peer_recipient_pn"), b.jid(other(form)));
    EXPECT_FALSE(copy.has("sender_lid") || copy.has("sender_pn"));
  }
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Messages, ToOneselfReachTheOwnDevices) {
  ScriptedClient& sender = linked(kAlice);
  send(sender, text(sender, "M1", alice(), "note"));
  EXPECT_EQ(seen_by(kAlice).back().text, "note");
  EXPECT_EQ(seen_by(kAlice).back().chat, alice());
  // Twice for each device is what Baileys sends then.
  wire::Node message = text(sender, "M2", alice(), "again");
  copies(message).push_back(copies(message)[0]);
  send(sender, message);
  EXPECT_EQ(seen_by(kAlice).size(), 2u);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Messages, WithoutACopyForEachDeviceAreReported) {
  for (const std::size_t missing : {0u, 1u}) {
    restart({});
    ScriptedClient& sender = linked(kAlice);
    wire::Node message = good(sender);
    auto& list = copies(message);
    ASSERT_EQ(list.size(), 2u);  // Bob's phone and Alice's
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(missing));
    send(sender, message);
    EXPECT_EQ(rules(), std::vector<std::string>{"fanout-missing"});
    EXPECT_NE(sender.last("ack")->attr("phash"), "");
  }
}

TEST_F(Messages, OfNoKnownTypeOrEditAreRefused) {
  ScriptedClient& sender = linked(kAlice);
  int count = 0;
  for (const auto& [name, value, rule] :
       {std::tuple("type", "hologram", "message-type"), std::tuple("edit", "9", "edit-unknown"),
        std::tuple("edit", "8", "edit-not-admin")}) {
    send(sender, good(sender, "M" + std::to_string(++count)).set(name, value));
    EXPECT_TRUE(broke(rule)) << rule;
    EXPECT_TRUE(sender.last("ack")->is("error", "479")) << rule;
  }
}

TEST_F(Messages, WithMalformedCopiesAreRefused) {
  struct Case {
    const char* rule;
    void (*spoil)(wire::Node& message);
  };
  const Case cases[] = {
      {"enc-version", [](wire::Node& m) { enc(copies(m)[0]).set("v", "3"); }},
      {"enc-type", [](wire::Node& m) { enc(copies(m)[0]).set("type", "skmsg"); }},
      {"enc-malformed",
       [](wire::Node& m) {
         enc(copies(m)[0]).body(Bytes{1, 2, 3}).set("type", "msg");
       }},
      {"enc-malformed", [](wire::Node& m) { enc(copies(m)[0]).content = std::string("text"); }},
      {"enc-missing", [](wire::Node& m) { copies(m)[0].content = std::monostate(); }},
      {"device-identity-missing", [](wire::Node& m) { drop_child(m, "device-identity"); }},
      {"message-empty", [](wire::Node& m) { drop_child(m, "participants"); }},
      {"fanout-duplicate", [](wire::Node& m) { copies(m).push_back(copies(m)[0]); }},
  };
  for (const auto& [rule, spoil] : cases) {
    restart({});
    ScriptedClient& sender = linked(kAlice);
    wire::Node message = good(sender);
    spoil(message);
    send(sender, message);
    EXPECT_TRUE(broke(rule)) << rule;
    EXPECT_NE(last_error(sender), "") << rule;
    EXPECT_TRUE(seen_by(kBob).empty()) << rule;
  }
}

TEST_F(Messages, ToOrForTheWrongPartiesAreRefused) {
  struct Case {
    const char* rule;
    wire::Jid participant;
  };
  restart({});
  const Account& b = *service->world().account(kBob);
  const Case cases[] = {
      {"addressing-mixed", b.jid(Form::lid)},
      {"fanout-self", alice(1)},
      {"fanout-foreign", wire::pn("4915119999999")},
  };
  for (const auto& [rule, participant] : cases) {
    ScriptedClient& sender = linked(kAlice);
    wire::Node message = good(sender, std::string("M-") + rule);
    auto extra = copies(message)[0];
    extra.set("jid", participant.same_user(alice()) ? alice(sender.self.number) : participant);
    copies(message).push_back(std::move(extra));
    send(sender, message);
    EXPECT_TRUE(broke(rule)) << rule;
    EXPECT_EQ(last_error(sender), "400") << rule;
    sender.disconnect();
  }
}

TEST_F(Messages, ForADeviceThatIsNoneAreReported) {
  ScriptedClient& sender = linked(kAlice);
  wire::Node message = good(sender);
  auto extra = copies(message)[0];
  extra.set("jid", extra.jid("jid")->with_device(9));
  copies(message).push_back(std::move(extra));
  send(sender, message);
  EXPECT_TRUE(broke("fanout-extra"));
}

TEST_F(Messages, ToNobodyAreRefused) {
  ScriptedClient& sender = linked(kAlice);
  wire::Node message = good(sender);
  message.set("to", wire::pn("4915119999999"));
  send(sender, message);
  EXPECT_EQ(last_error(sender), "404");
  EXPECT_EQ(rules(), std::vector<std::string>{"unknown-recipient"});
}

TEST_F(Messages, ShowingAnotherIdentityAreRefused) {
  ScriptedClient& sender = linked(kAlice);
  sender.device_identity[10] ^= 1;
  send(sender, good(sender));
  EXPECT_EQ(rules(), std::vector<std::string>{"device-identity-invalid"});
  EXPECT_EQ(last_error(sender), "479");
}

TEST_F(Messages, WithAnIdentityThatNoCopyNeedsAreReported) {
  ScriptedClient& sender = linked(kAlice);
  send(sender, good(sender, "M1"));
  // Both phones have written through the session since: it needs no keys any more.
  for (const char* phone : {kAlice, kBob}) {
    ASSERT_TRUE(service->send_text(now, phone, phone == std::string(kBob) ? kAlice : kBob, "answer", ""));
    pump();
    EXPECT_NE(sender.read(*sender.last("message")), "");
  }
  wire::Node message = good(sender, "M2");
  ASSERT_EQ(message.child("device-identity"), nullptr);
  send(sender, message);
  EXPECT_EQ(rules(), std::vector<std::string>{});
  message = good(sender, "M3");
  send(sender, message.add(wire::Node("device-identity").body(ByteView(sender.device_identity))));
  EXPECT_EQ(rules(), std::vector<std::string>{"device-identity-unneeded"});
}

TEST_F(Messages, ThatUseAOneTimeKeyOfSomebodyElseAreReported) {
  ScriptedClient& sender = linked(kAlice);
  ScriptedClient& thief = linked(kAlice);
  // Fetched by one device, used by another.
  const wire::Node answer = ask(sender, sender.fetch(bob()));
  const wire::Node* user = answer.path({"list", "user"});
  ASSERT_TRUE(thief.sessions.start(thief.address(bob()), *read_bundle(*user, *user)));
  send(thief, text(thief, "M1", bob(), "hello"));
  EXPECT_EQ(rules(), std::vector<std::string>{"pre-key-not-issued"});
}

TEST_F(Messages, ThatUseAOneTimeKeyForASecondSessionAreReported) {
  ScriptedClient& sender = linked(kAlice);
  const wire::Node answer = ask(sender, sender.fetch(bob()));
  const wire::Node* user = answer.path({"list", "user"});
  const auto bundle = *read_bundle(*user, *user);
  ASSERT_TRUE(sender.sessions.start(sender.address(bob()), bundle));
  send(sender, text(sender, "M1", bob(), "hello"));
  EXPECT_EQ(rules(), std::vector<std::string>{});
  sender.sessions.forget(sender.address(bob()));
  ASSERT_TRUE(sender.sessions.start(sender.address(bob()), bundle));
  send(sender, text(sender, "M2", bob(), "again"));
  EXPECT_TRUE(broke("pre-key-reused"));
}

TEST_F(Messages, OfOneIdAreDeliveredOnceAndAckedEachTime) {
  ScriptedClient& sender = linked(kAlice);
  ScriptedClient& receiver = linked(kBob);
  const wire::Node message = good(sender);
  send(sender, message);
  send(sender, message);
  EXPECT_EQ(sender.all("ack").size(), 2u);
  EXPECT_EQ(last_error(sender), "");
  EXPECT_EQ(receiver.all("message").size(), 1u);
  EXPECT_EQ(seen_by(kBob).size(), 1u);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Messages, OfOneIdToTwoPeopleAreRefused) {
  add("4915110000003");
  ScriptedClient& sender = linked(kAlice);
  send(sender, good(sender, "M1"));
  send(sender, text(sender, "M1", wire::pn("4915110000003"), "hello"));
  EXPECT_EQ(rules(), std::vector<std::string>{"id-reused"});
  EXPECT_EQ(last_error(sender), "479");
}

TEST_F(Messages, AreNotBlamedForADeviceTheSenderCouldNotKnow) {
  ScriptedClient& sender = linked(kAlice);
  auto devices_of_bob = [&] {
    wire::Node query("usync");
    query.set("sid", "s1")
        .set("mode", "query")
        .set("context", "message")
        .set("index", "0")
        .set("last", "true");
    query.add(wire::Node("query").add(wire::Node("devices").set("version", "2")));
    query.add(wire::Node("list").add(wire::Node("user").set("jid", bob())));
    return sender.iq("get", "usync", std::move(query));
  };
  ask(sender, devices_of_bob());
  const wire::Node stale = good(sender, "M1"), stale_too = good(sender, "M1b");
  linked(kBob);
  send(sender, stale);
  ask(sender, devices_of_bob());  // an answer that may not arrive
  send(sender, stale_too);
  EXPECT_EQ(rules(), std::vector<std::string>{});
  EXPECT_NE(sender.last("ack")->attr("phash"), "");
  // Once it has answered the news, it has no excuse.
  answer_notifications(sender);
  wire::Node message = good(sender, "M2");
  std::erase_if(copies(message), [](const wire::Node& to) { return to.jid("jid")->device == 1; });
  send(sender, message);
  EXPECT_EQ(rules(), std::vector<std::string>{"fanout-missing"});
}

TEST_F(Messages, OfPeersStayWithinTheAccountAndCarryNoToken) {
  ScriptedClient& sender = linked(kAlice);
  start_sessions(sender, alice());
  start_sessions(sender, bob());
  wire::Node message("message");
  message.set("id", "P1").set("to", alice()).set("type", "text").set("category", "peer");
  message.add(sender.encrypt(alice(), Bytes{}));
  message.add(wire::Node("device-identity").body(ByteView(sender.device_identity)));
  send(sender, message);
  EXPECT_EQ(rules(), std::vector<std::string>{});
  message.set("id", "P2").add(wire::Node("tctoken").body(Bytes{1}));
  send(sender, message);
  EXPECT_TRUE(broke("token-on-peer"));
  EXPECT_EQ(last_error(sender), "479");
}

}  // namespace
}  // namespace pigeond::sandbox
