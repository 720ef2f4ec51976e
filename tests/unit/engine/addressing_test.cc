// By number or by LID: what the account's migration says, and what pairs of both are believed.
#include "engine/messages/desk.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class Addressing : public ChatTest {
 protected:
  void unmigrated() { context->credentials.lid_migrated = false; }
  void settings(const char* value) {
    service.account_answers["abt"] = [value](const wire::Node&) {
      wire::Node props("props"), result("iq");
      props.add(wire::Node("prop").set("config_code", "9435").set("config_value", value));
      return result.add(props);
    };
    start();
    commit();
  }
  void mapping_sync(std::uint64_t pn, std::uint64_t assigned, std::uint64_t latest) {
    wa_LIDMigrationMappingSyncPayload payload{};
    wa_LIDMigrationMapping mapping{};
    mapping.has_pn = mapping.has_assignedLid = mapping.has_latestLid = true;
    mapping.pn = pn;
    mapping.assignedLid = assigned;
    mapping.latestLid = latest;
    payload.pnToLidMappings.push_back(mapping);
    wa_Message inner{};
    inner.has_protocolMessage = true;
    inner.protocolMessage.has_type = true;
    inner.protocolMessage.type = wa_ProtocolMessage_Type_LID_MIGRATION_MAPPING_SYNC;
    inner.protocolMessage.has_lidMigrationMappingSyncMessage = true;
    inner.protocolMessage.lidMigrationMappingSyncMessage.encodedMappingPayload = wire::proto::encode(payload);
    PeerDevice& phone = *own->devices[0];
    if (!phone.sessions().has(address_of(jid("4911:7@s.whatsapp.net"))))
      greet(phone, jid("4911:7@s.whatsapp.net"));
    auto stanza = message("P" + std::to_string(++peers_), own->pn,
                          phone.seal(jid("4911:7@s.whatsapp.net"), wire::proto::encode(inner)));
    ASSERT_TRUE(handle(stanza.set("category", "peer")));
  }

 private:
  int peers_ = 0;
};

TEST_F(Addressing, AnAccountThatWasNotMigratedWritesByNumberThoughItsSessionsAreKeptUnderTheLid) {
  unmigrated();
  for (const char* to : {"4922@s.whatsapp.net", "9922@lid"}) {
    send(to, "text");
    ack(last("message").attr("id"));
  }
  const auto written = sent("message");
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].attr("to"), "4922@s.whatsapp.net");
  EXPECT_EQ(written[1].attr("to"), "4922@s.whatsapp.net") << "its number was learnt with the first one";
  EXPECT_FALSE(written[0].has("peer_recipient_pn"));
  for (const auto& [device, enc] : copies(written[0]))
    EXPECT_NE(device.find("@s.whatsapp.net"), std::string::npos) << device;
  EXPECT_TRUE(signal::SqliteStore(*database, session, context->credentials).load_session({"9922_1", 0}));
}

TEST_F(Addressing, WhoIsQuotedIsNamedByTheFormOfTheChat) {
  unmigrated();
  const wire::Jid us = jid("4911:7@s.whatsapp.net"), her = jid("4922@s.whatsapp.net");
  send(her.text(), "asked by us", 1, "OURS");  // her LID is known from here on
  ack("OURS");
  PeerDevice& phone = *alice->devices[0];
  greet(phone, us);
  handle(message("THEIRS", her, phone.seal(us, text("asked"))));
  const auto quoted = [&](MessageRef answered) {
    chat->send({2, her, {}, text_content("answered"), std::move(answered), {}});
    commit();
    const wire::Node stanza = last("message");
    ack(stanza.attr("id"));
    const auto opened = phone.open(copies(stanza).at(her.text()), us);
    const auto decoded = wire::proto::decode<wa_Message>(opened.value());
    return decoded->extendedTextMessage.contextInfo->participant;
  };
  EXPECT_EQ(quoted({.id = "THEIRS"}), her.text());
  EXPECT_EQ(quoted({.id = "OURS"}), "4911@s.whatsapp.net");
  EXPECT_EQ(quoted({.id = "GONE", .author = jid("9922@lid")}), her.text());
}

TEST_F(Addressing, TheSettingsTurnItOnForGood) {
  unmigrated();
  settings("0");
  EXPECT_FALSE(context->credentials.lid_migrated);
  settings("1");
  EXPECT_TRUE(store::CredentialsTable(*database, session).load()->lid_migrated);
  settings("0");
  send("4922@s.whatsapp.net", "text");
  EXPECT_EQ(last("message").attr("to"), "9922@lid");
}

TEST_F(Addressing, APhoneThatMigratesMakesUsLookAtTheSettings) {
  unmigrated();
  settings("0");
  service.account_answers["abt"] = [](const wire::Node&) {
    wire::Node props("props"), result("iq");
    props.add(wire::Node("prop").set("config_code", "9435").set("config_value", "1"));
    return result.add(props);
  };
  mapping_sync(4922, 9921, 9922);
  EXPECT_TRUE(context->credentials.lid_migrated);
  EXPECT_EQ(Desk(*context, service).lids.lid(jid("4922@s.whatsapp.net")).text(), "9922@lid")
      << "the latest one";
  mapping_sync(4933, 9933, 0);
  EXPECT_EQ(Desk(*context, service).lids.lid(jid("4933@s.whatsapp.net")).text(), "9933@lid");
}

TEST_F(Addressing, OurOwnDevicesAreAskedForByNumber) {
  send("9922@lid", "text");
  for (const auto& query : service.queries)
    if (query.is("xmlns", "usync"))
      query.path({"usync", "list"})->each("user", [](const wire::Node& user) {
        EXPECT_NE(user.attr("jid"), "9911@lid");
      });
  EXPECT_TRUE(copies(last("message")).contains("9911:9@lid"));
}

TEST_F(Addressing, ANewPairReplacesWhatIsInMemoryOfItsHalvesAndNothingElse) {
  LidDirectory lids(*context);
  const auto learn = [&](const char* user, const char* hidden) {
    return lids.learn(wire::pn(user), wire::lid(hidden));
  };
  for (const auto& [user, hidden] : {std::pair{"1", "901"}, std::pair{"2", "902"}, std::pair{"3", "903"}})
    ASSERT_TRUE(learn(user, hidden));
  database->prepare("DELETE FROM lid_mapping WHERE session_id = ?").bind(session).run();
  ASSERT_TRUE(learn("4", "904"));
  EXPECT_EQ(lids.lid(wire::pn("1")), wire::lid("901")) << "from memory";
  EXPECT_EQ(lids.pn(wire::lid("903")), wire::pn("3"));
  ASSERT_TRUE(learn("1", "902"));  // halves of two pairs
  EXPECT_EQ(lids.lid(wire::pn("1")), wire::lid("902"));
  EXPECT_EQ(lids.pn(wire::lid("902")), wire::pn("1"));
  EXPECT_TRUE(lids.pn(wire::lid("901")).empty());
  EXPECT_TRUE(lids.lid(wire::pn("2")).empty());
  EXPECT_EQ(lids.lid(wire::pn("3")), wire::lid("903"));
}

TEST_F(Addressing, ManyPairsAtOnceAreBoundedAndContradictNothing) {
  LidDirectory lids(*context);
  ASSERT_TRUE(lids.learn(wire::pn("1"), wire::lid("901")));
  LidDirectory::Pairs pairs;
  LidDirectory::collect(wire::pn("1"), wire::lid("999"), pairs);  // contradicts
  LidDirectory::collect(wire::lid("902"), wire::pn("2"), pairs);
  LidDirectory::collect(wire::pn("2"), wire::lid("902"), pairs);
  LidDirectory::collect(wire::pn("3"), wire::Jid{}, pairs);
  EXPECT_EQ(pairs.size(), 2u);
  lids.learn_many(pairs);
  EXPECT_EQ(lids.lid(wire::pn("1")), wire::lid("901"));
  EXPECT_EQ(lids.lid(wire::pn("2")), wire::lid("902"));
  EXPECT_EQ(lids.take_doubts(), std::vector{wire::pn("1")}) << "the service is asked which of them is right";
  for (std::size_t i = 0; i < LidDirectory::kPairsAtOnce + 10; ++i)
    LidDirectory::collect(wire::pn(std::to_string(1000000 + i)), wire::lid(std::to_string(9000000 + i)),
                          pairs);
  EXPECT_EQ(pairs.size(), LidDirectory::kPairsAtOnce);
}

TEST_F(Addressing, WhatIsSeenInPassingIsBelievedOnlyWhereNothingWasKnown) {
  const auto devices = [&](const char* pn, const char* lid) {
    wire::Node note("notification");
    note.set("id", "n").set("type", "devices").set("from", jid(pn)).set("lid", jid(lid));
    ASSERT_TRUE(handle(note));
  };
  const auto known = [&](const char* pn) { return Desk(*context, service).lids.lid(jid(pn)).text(); };
  devices("4922@s.whatsapp.net", "9922@lid");
  EXPECT_EQ(known("4922@s.whatsapp.net"), "9922@lid");
  service.queries.clear();
  devices("4922@s.whatsapp.net", "9000@lid");
  EXPECT_EQ(known("4922@s.whatsapp.net"), "9922@lid");
  ASSERT_EQ(service.queries.size(), 1u) << "the service is asked which of them is right";
  alice->lid = jid("9977@lid");
  devices("4922@s.whatsapp.net", "9977@lid");
  EXPECT_EQ(service.queries.size(), 1u) << "once for each number";
  // A message from the person itself is the last word.
  greet(*alice->devices[0], jid("9911:7@lid"));
  handle(message("M", jid("9977@lid"), alice->devices[0]->seal(jid("9911:7@lid"), text("hi"))));
  EXPECT_EQ(known("4922@s.whatsapp.net"), "9977@lid");
}

}  // namespace
}  // namespace pigeond::engine
