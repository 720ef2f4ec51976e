#include <gtest/gtest.h>

#include "engine/pairing/client_payload.h"
#include "store/account/credentials.h"
#include "store/account/signal_rows.h"
#include "store/messages/messages.h"
#include "store/messages/outbox.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

TEST(Pairing, RegistersWithItsKeysAndItsName) {
  World world;
  world.profile.device_name = "kitchen";
  world.start();
  world.accept();
  const auto& payload = world.link->payload;
  const auto& credentials = world.engine->credentials();
  EXPECT_FALSE(payload.has_username);
  EXPECT_TRUE(payload.has_passive);
  EXPECT_FALSE(payload.passive);
  EXPECT_EQ(payload.devicePairingData.eIdent, to_bytes(credentials.identity.pub));
  EXPECT_EQ(read_be(payload.devicePairingData.eRegid), credentials.registration_id);
  EXPECT_EQ(payload.devicePairingData.eSkeyID, (Bytes{0, 0, 1}));
  EXPECT_TRUE(crypto::verify(credentials.identity.pub,
                             crypto::with_type_byte(payload.devicePairingData.eSkeyVal),
                             payload.devicePairingData.eSkeySig));
  const auto props = wire::proto::decode<wa_DeviceProps>(payload.devicePairingData.deviceProps);
  ASSERT_TRUE(props.ok());
  EXPECT_EQ(props->os, "kitchen");
  EXPECT_FALSE(props->requireFullSync);
}

// whatsmeow's, field by field (store/clientpayload.go, of August 2026).
TEST(Pairing, TellsWhatHistoryItTakesAsWhatsmeowDoes) {
  World world;
  world.start();
  world.accept();
  const auto props = wire::proto::decode<wa_DeviceProps>(world.link->payload.devicePairingData.deviceProps);
  ASSERT_TRUE(props.ok());
  const auto& history = props->historySyncConfig;
  EXPECT_EQ(history.storageQuotaMb, 10240u);
  EXPECT_EQ(history.thumbnailSyncDaysLimit, 60u);
  for (const bool said :
       {history.inlineInitialPayloadInE2EeMsg, history.supportCallLogHistory,
        history.supportBotUserAgentChatHistory, history.supportCagReactionsAndPolls,
        history.supportBizHostedMsg, history.supportRecentSyncChunkMessageCountTuning,
        history.supportHostedGroupMsg, history.supportFbidBotChatHistory, history.supportMessageAssociation,
        history.supportGroupHistory, history.supportManusHistory, history.supportHatchHistory})
    EXPECT_TRUE(said);
  EXPECT_FALSE(history.has_fullSyncDaysLimit || history.has_fullSyncSizeMbLimit ||
               history.has_recentSyncDaysLimit || history.has_supportAddOnHistorySyncMigration ||
               history.has_onDemandReady || history.has_supportGuestChat ||
               history.has_completeOnDemandReady || history.has_initialSyncMaxMessagesPerChat);
}

TEST(Pairing, AnswersPairDeviceAndShowsTheFirstCode) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  const auto result = world.take([](const wire::Node& n) { return n.tag == "iq" && n.is("id", "pd1"); });
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->is("type", "result"));
  EXPECT_EQ(world.engine->state(), State::pairing);
  ASSERT_TRUE(world.engine->qr());
  EXPECT_EQ(world.engine->qr()->index, 0);
  EXPECT_EQ(world.engine->qr()->text.rfind("https://wa.me/settings/linked_devices#2@ref1,", 0), 0u);
  EXPECT_EQ(world.engine->qr()->text.substr(world.engine->qr()->text.size() - 2), ",1");
}

TEST(Pairing, ShowsTheFirstCodeForAMinuteAndTheOthersForTwentySeconds) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  world.advance(59 * kSecond);
  EXPECT_EQ(world.all<QrShown>().size(), 1u);
  world.advance(kSecond);
  ASSERT_EQ(world.all<QrShown>().size(), 2u);
  world.advance(19 * kSecond);
  EXPECT_EQ(world.all<QrShown>().size(), 2u);
  for (int i = 0; i < 4; ++i) world.advance(20 * kSecond);
  const auto shown = world.all<QrShown>();
  ASSERT_EQ(shown.size(), 6u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(shown[static_cast<std::size_t>(i)].index, i);
    EXPECT_NE(shown[static_cast<std::size_t>(i)].text.find("2@ref" + std::to_string(i + 1) + ","),
              std::string::npos);
  }
}

TEST(Pairing, ReconnectsForNewCodesAndGivesUpAfterThreeSets) {
  World world;
  world.start();
  for (int set = 1; set <= 3; ++set) {
    EXPECT_EQ(world.connects, set);
    world.accept();
    world.send_pair_device();
    world.advance(160 * kSecond);
  }
  EXPECT_EQ(world.connects, 3);
  EXPECT_EQ(world.engine->state(), State::failed);
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::timed_out);
  EXPECT_EQ(world.states.back().cause->detail, "no one scanned the QR");
  EXPECT_FALSE(world.engine->next_wake());

  world.start();  // a person asks again
  EXPECT_EQ(world.connects, 4);
}

TEST(Pairing, ALinkThatTheServiceNeverHeardOfLeavesTheNextQrGood) {
  World world;
  world.pair();  // stored, and killed before the answer got through
  world.rebuild();
  world.link.reset();
  world.start();
  world.accept();
  const int connects = world.connects;
  world.send(wire::Node("failure").set("reason", "401"));
  ASSERT_EQ(world.connects, connects + 1);
  EXPECT_EQ(world.engine->state(), State::connecting);
  world.accept();
  world.send_pair_device();
  EXPECT_EQ(world.engine->state(), State::pairing);
  world.send_pair_success(world.device_identity({world.account}));
  EXPECT_TRUE(world.engine->credentials().linked());
}

TEST(Pairing, StoresTheAccountBeforeItConfirmsTheLink) {
  World world;
  world.pair();
  const auto reply = world.take([](const wire::Node& n) { return n.is("id", "ps1"); });
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->is("type", "result"));
  const auto* identity = reply->path({"pair-device-sign", "device-identity"});
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->is("key-index", "4"));

  const auto signed_identity = wire::proto::decode<wa_ADVSignedDeviceIdentity>(identity->bytes());
  ASSERT_TRUE(signed_identity.ok());
  EXPECT_TRUE(signed_identity->accountSignatureKey.empty());
  const auto stored = store::CredentialsTable(*world.database, world.session).load();
  ASSERT_TRUE(stored);
  const auto message =
      concat({Bytes{6, 1}, signed_identity->details, stored->identity.pub, world.account.pub});
  EXPECT_TRUE(crypto::verify(stored->identity.pub, message, signed_identity->deviceSignature));

  EXPECT_EQ(stored->pn, wire::pn("491234567", 7));
  EXPECT_EQ(stored->lid, wire::lid("998877", 7));
  EXPECT_EQ(stored->platform, "android");
  const auto kept = wire::proto::decode<wa_ADVSignedDeviceIdentity>(stored->device_identity);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->accountSignatureKey, to_bytes(world.account.pub));
  EXPECT_EQ(store::SignalRows(*world.database, world.session).identity("998877_1", 0),
            to_bytes(world.account.pub));
  ASSERT_EQ(world.all<Linked>().size(), 1u);
  EXPECT_EQ(world.all<Linked>()[0].pn, wire::pn("491234567", 7));
  EXPECT_FALSE(world.engine->qr());
}

TEST(Pairing, OfWhatAnotherAccountWasToSendTheEndIsToldWhereProgramsKnewOfIt) {
  World world;
  world.tick([&] {
    store::Messages messages(*world.database, world.session);
    store::Outbox outbox(*world.database, world.session);
    for (const bool untold : {false, true}) {
      store::MessageRow message;
      store::OutboxRow waiting;
      message.id = waiting.id = untold ? "UNTOLD" : "TOLD";
      message.chat = waiting.chat = wire::pn("491510000002");
      message.sender = wire::pn("491599999999", 3);
      message.from_me = true;
      messages.insert(message);
      waiting.untold = untold;
      outbox.insert(waiting, std::nullopt);
    }
  });
  world.pair();
  EXPECT_EQ(world.all<SendDone>().size(), 2u) << "who waits for them is answered";
  ASSERT_EQ(world.all<AckEvent>().size(), 1u);
  EXPECT_EQ(world.all<AckEvent>()[0].id, "TOLD");
}

TEST(Pairing, TellsWhetherTheAccountsChatsGoByLid) {
  const auto migrated = [](std::optional<Bytes> props) {
    World world;
    world.client_props = std::move(props);
    world.pair();
    const auto stored = store::CredentialsTable(*world.database, world.session).load();
    return stored && stored->linked() && stored->lid_migrated;
  };
  EXPECT_FALSE(migrated(std::nullopt));
  EXPECT_FALSE(migrated(Bytes{0x08, 0}));
  EXPECT_TRUE(migrated(Bytes{0x08, 1}));
  EXPECT_TRUE(migrated(Bytes{0x10, 1, 0x08, 1, 0x2a, 1, 9}));
  EXPECT_FALSE(migrated(Bytes{0x08, 1, 0x0b})) << "nonsense says nothing";
}

TEST(Pairing, LinksAHostedAccountByItsOwnPrefixes) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  world.send_pair_success(
      world.device_identity({crypto::generate_key_pair(world.random), false, false, true}));
  EXPECT_TRUE(world.engine->credentials().linked());
}

void expect_refused(World& world, const char* code, const char* text) {
  const auto reply = (world.link ? world.link : world.last_link)->received.back();
  EXPECT_TRUE(reply.is("id", "ps1"));
  EXPECT_TRUE(reply.is("type", "error"));
  const auto* error = reply.child("error");
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->is("code", code));
  EXPECT_TRUE(error->is("text", text));
  EXPECT_FALSE(world.engine->credentials().linked());
  EXPECT_FALSE(store::CredentialsTable(*world.database, world.session).load()->linked());
  EXPECT_EQ(world.count_rows("SELECT count(*) FROM signal_identity"), 0);
  EXPECT_EQ(world.count_rows("SELECT count(*) FROM lid_mapping"), 0);
  EXPECT_TRUE(world.all<Linked>().empty());
  EXPECT_EQ(world.disconnects, 1);
}

TEST(Pairing, RefusesAForgedAccountSignature) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  world.send_pair_success(world.device_identity({crypto::generate_key_pair(world.random), true}));
  expect_refused(world, "401", "signature-mismatch");
}

TEST(Pairing, RefusesAnIdentityUnderAnotherSecret) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  world.send_pair_success(world.device_identity({crypto::generate_key_pair(world.random), false, true}));
  expect_refused(world, "401", "hmac-mismatch");
}

TEST(Pairing, RefusesWhatDoesNotParse) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  world.send_pair_success(Bytes(40, 0xff));
  expect_refused(world, "500", "internal-error");
}

TEST(Pairing, IgnoresASecondPairSuccess) {
  World world;
  world.pair();
  const Bytes identity = world.engine->credentials().device_identity;
  world.link->received.clear();
  world.send_pair_success(Bytes(40, 1));
  EXPECT_TRUE(world.link->received.empty());
  EXPECT_EQ(world.engine->credentials().device_identity, identity);
}

TEST(Pairing, MakesANewSecretForTheSameRefWhenTheServerAsks) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  const auto before = *world.engine->qr();
  const Key32 secret = world.shown_secret();
  wire::Node notification("notification");
  notification.set("id", "n1").set("from", wire::service()).set("type", "companion_reg_refresh");
  notification.add(wire::Node("companion_reg_refresh"));
  world.send(notification);
  EXPECT_NE(world.shown_secret(), secret);
  EXPECT_EQ(world.engine->qr()->expires, before.expires);
  EXPECT_NE(world.engine->qr()->text.find("2@ref1,"), std::string::npos);
  const auto ack = world.take([](const wire::Node& n) { return n.tag == "ack"; });
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->is("type", "companion_reg_refresh"));
  EXPECT_EQ(store::CredentialsTable(*world.database, world.session).load()->adv_secret, world.shown_secret());
}

TEST(Pairing, KeepsTheCodeWhenAPhoneWithoutMultiDeviceScannedIt) {
  World world;
  world.start();
  world.accept();
  world.send_pair_device();
  const auto before = world.engine->qr()->text;
  wire::Node ib("ib");
  ib.set("from", wire::service());
  ib.add(wire::Node("downgrade_webclient"));
  world.send(ib);
  EXPECT_EQ(world.engine->qr()->text, before);
  EXPECT_EQ(world.engine->state(), State::pairing);
}

TEST(Pairing, ComesBackAtOnceWithALoginAfter515) {
  World world;
  world.pair();
  world.restart_stream();
  EXPECT_EQ(world.connects, 2);
  world.accept();
  const auto& payload = world.link->payload;
  EXPECT_EQ(payload.username, 491234567u);
  EXPECT_EQ(payload.device, 7u);
  EXPECT_TRUE(payload.passive);
  EXPECT_TRUE(payload.pull);
  EXPECT_TRUE(payload.lidDbMigrated);
  EXPECT_FALSE(payload.has_devicePairingData);
}

TEST(Pairing, KeepsItsKeysAcrossARestartOfTheProcess) {
  World world;
  world.start();
  const auto identity = world.engine->credentials().identity.pub;
  world.rebuild();
  world.start();
  EXPECT_EQ(world.engine->credentials().identity.pub, identity);
}

}  // namespace
}  // namespace pigeond::engine
