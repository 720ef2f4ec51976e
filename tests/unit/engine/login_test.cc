#include <gtest/gtest.h>

#include <set>

#include "store/account/credentials.h"
#include "store/account/signal_rows.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

class LoginTest : public ::testing::Test {
 protected:
  // Linked, and <success> sent.
  void log_in_until_count() {
    world.pair();
    world.restart_stream();
    world.accept();
    world.send_success();
  }
  static std::size_t keys_in(const wire::Node& upload) { return upload.child("list")->children().size(); }
  store::Credentials stored() { return *store::CredentialsTable(*world.database, world.session).load(); }
  void send_count_warning(int left) {
    wire::Node notification("notification");
    notification.set("id", "e1").set("from", wire::service()).set("type", "encrypt");
    notification.add(wire::Node("count").set("value", std::to_string(left)));
    world.send(notification);
  }
  wire::Node digest(std::size_t keys) {
    const auto credentials = stored();
    store::SignalRows rows(*world.database, world.session);
    const auto skey = *rows.signed_pre_key(credentials.signed_pre_key_id);
    const auto leaf = [](const char* tag, ByteView bytes) {
      wire::Node node(tag);
      node.body(bytes);
      return node;
    };
    Bytes registration, id;
    append_be(registration, credentials.registration_id, 4);
    append_be(id, skey.id, 3);
    wire::Node signed_key("skey");
    signed_key.add(leaf("id", id)).add(leaf("value", skey.key.pub)).add(leaf("signature", skey.signature));
    wire::Node list("list");
    Bytes all = concat({credentials.identity.pub, skey.key.pub, skey.signature});
    for (std::uint32_t number = 1; number <= keys; ++number) {
      Bytes key_id;
      append_be(key_id, number, 3);
      list.add(leaf("id", key_id));
      const auto row = *rows.pre_key(number);
      all.insert(all.end(), row.key.pub.begin(), row.key.pub.end());
    }
    wire::Node node("digest");
    node.add(leaf("registration", registration)).add(leaf("type", Bytes{5}));
    node.add(leaf("identity", credentials.identity.pub)).add(std::move(signed_key)).add(std::move(list));
    node.add(leaf("hash", crypto::sha1({all})));
    return node;
  }

  World world;
};

TEST_F(LoginTest, UploadsTheFirstKeysThenGoesActiveThenOnline) {
  log_in_until_count();
  EXPECT_EQ(world.engine->state(), State::connecting);
  EXPECT_FALSE(world.take_iq("passive"));
  world.answer_count(0);
  const auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(keys_in(*upload), 812u);
  EXPECT_EQ(upload->child("type")->bytes(), Bytes{5});
  EXPECT_EQ(upload->child("identity")->bytes(), to_bytes(stored().identity.pub));
  EXPECT_EQ(upload->child("registration")->bytes().size(), 4u);
  const auto* skey = upload->child("skey");
  EXPECT_TRUE(crypto::verify(stored().identity.pub, crypto::with_type_byte(skey->child("value")->bytes()),
                             skey->child("signature")->bytes()));
  // Stored before they were sent, and not yet taken for uploaded.
  store::SignalRows rows(*world.database, world.session);
  EXPECT_EQ(rows.count_pre_keys_not_uploaded(), 812u);
  const auto& first = upload->child("list")->children().front();
  EXPECT_EQ(to_bytes(rows.pre_key(static_cast<std::uint32_t>(read_be(first.child("id")->bytes())))->key.pub),
            first.child("value")->bytes());
  EXPECT_FALSE(stored().pre_keys_on_server);
  EXPECT_FALSE(world.take_iq("passive"));

  world.answer(*upload);
  EXPECT_EQ(rows.count_pre_keys_not_uploaded(), 0u);
  EXPECT_TRUE(stored().pre_keys_on_server);
  EXPECT_EQ(world.engine->state(), State::connecting);
  world.answer_active();
  EXPECT_EQ(world.engine->state(), State::online);
  EXPECT_TRUE(world.take_iq("encrypt", "digest"));
}

TEST_F(LoginTest, UploadsNothingWhileTheServerHasEnough) {
  log_in_until_count();
  world.answer_count(5);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
  world.answer_active();
  EXPECT_EQ(world.engine->state(), State::online);
}

TEST_F(LoginTest, RefillsByFiftyWhenFewAreLeft) {
  log_in_until_count();
  world.answer_count(4);
  const auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(keys_in(*upload), 50u);
}

TEST_F(LoginTest, SendsTheSameKeysAgainWhenTheAnswerGotLost) {
  log_in_until_count();
  world.answer_count(0);
  const auto first = world.take_iq("encrypt", "list");
  ASSERT_TRUE(first);
  world.drop();
  world.rebuild();
  world.start();
  world.accept();
  world.send_success();
  world.answer_count(0);
  const auto second = world.take_iq("encrypt", "list");
  ASSERT_TRUE(second);
  EXPECT_EQ(wire::to_xml(*second->child("list")), wire::to_xml(*first->child("list")));
}

TEST_F(LoginTest, RetriesARefusedFirstUploadBeforeItGoesOnline) {
  log_in_until_count();
  world.answer_count(0);
  auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  world.refuse(*upload, 503);
  EXPECT_FALSE(world.take_iq("passive"));
  world.advance(2 * kSecond);
  upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  world.answer(*upload);
  world.answer_active();
  EXPECT_EQ(world.engine->state(), State::online);
}

TEST_F(LoginTest, CountsItsLogins) {
  world.reach_online();
  EXPECT_TRUE(world.link->payload.has_lc);
  EXPECT_EQ(world.link->payload.lc, 0);
  for (int before = 1; before < 3; ++before) {
    world.drop();
    world.rebuild();
    world.start();
    world.log_in(812);
    EXPECT_EQ(world.link->payload.lc, before);
  }
}

TEST_F(LoginTest, SetsTheClockByTheServersTime) {
  log_in_until_count();
  const auto iq = world.take_iq("encrypt", "count");
  ASSERT_TRUE(iq);
  world.answer(*iq, wire::Node("count").set("value", "812"));
  world.answer_active();
  const auto unified = world.take([](const wire::Node& n) { return n.path({"unified_session"}) != nullptr; });
  ASSERT_TRUE(unified);
  const Millis server_now = world.now.wall + 100 * kSecond;
  EXPECT_EQ(unified->child("unified_session")->attr("id"),
            std::to_string((server_now + 3 * kDay) % (7 * kDay)));
}

TEST_F(LoginTest, UploadsWhenTheServerWarnsThatFewAreLeft) {
  world.reach_online();
  if (const auto iq = world.take_iq("encrypt", "digest")) world.refuse(*iq, 503);
  send_count_warning(3);
  const auto ack = world.take([](const wire::Node& n) { return n.tag == "ack" && n.is("id", "e1"); });
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->is("class", "notification"));
  auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(keys_in(*upload), 50u);
  // One at a time.
  send_count_warning(2);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
  world.answer(*upload);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));

  // Soon after it a warning may be an old one: the server's own count decides.
  send_count_warning(2);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
  world.answer_count(52);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
  world.advance(11 * kMinute);
  send_count_warning(2);
  upload = world.take_iq("encrypt", "list");
  EXPECT_TRUE(upload);
}

TEST_F(LoginTest, IgnoresAWarningOfEnoughKeys) {
  world.reach_online();
  if (const auto iq = world.take_iq("encrypt", "digest")) world.refuse(*iq, 503);
  send_count_warning(5);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
}

TEST_F(LoginTest, IsContentWithADigestThatFits) {
  log_in_until_count();
  world.answer_count(0);
  world.answer(*world.take_iq("encrypt", "list"));
  world.answer_active();
  const auto iq = world.take_iq("encrypt", "digest");
  ASSERT_TRUE(iq);
  world.answer(*iq, digest(812));
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
}

TEST_F(LoginTest, UploadsAgainWhenTheDigestDiffersButOnlyOnceALink) {
  log_in_until_count();
  world.answer_count(0);
  world.answer(*world.take_iq("encrypt", "list"));
  world.answer_active();
  auto iq = world.take_iq("encrypt", "digest");
  ASSERT_TRUE(iq);
  auto wrong = digest(10);
  for (wire::Node& part : std::get<std::vector<wire::Node>>(wrong.content))
    if (part.tag == "skey") std::get<std::vector<wire::Node>>(part.content).back().body(Bytes(64, 9));
  world.answer(*iq, wrong);
  const auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(keys_in(*upload), 812u);
  world.answer(*upload);

  wire::Node notification("notification");
  notification.set("id", "e2").set("from", wire::service()).set("type", "encrypt");
  notification.add(wire::Node("digest"));
  world.send(notification);
  iq = world.take_iq("encrypt", "digest");
  ASSERT_TRUE(iq);
  world.answer(*iq, wrong);
  EXPECT_FALSE(world.take_iq("encrypt", "list"));
}

TEST_F(LoginTest, KeysThatAreNotHereAreNotOutnumberedWithEveryLogin) {
  world.reach_online();
  std::size_t uploaded = 0;
  for (int login = 0; login < 8; ++login) {
    if (login > 0) {
      world.drop();
      world.rebuild();
      world.advance(kHour);
      world.start();
      world.log_in(812);
    }
    auto wrong = digest(10);
    std::get<std::vector<wire::Node>>(wrong.content).back().body(Bytes(20, 9));
    const auto iq = world.take_iq("encrypt", "digest");
    ASSERT_TRUE(iq);
    world.answer(*iq, wrong);
    if (const auto upload = world.take_iq("encrypt", "list")) {
      uploaded += keys_in(*upload);
      world.answer(*upload);
    }
  }
  EXPECT_LE(uploaded, 50u);

  world.advance(kDay);
  world.drop();
  world.rebuild();
  world.start();
  world.log_in(812);
  auto wrong = digest(10);
  std::get<std::vector<wire::Node>>(wrong.content).back().body(Bytes(20, 9));
  world.answer(*world.take_iq("encrypt", "digest"), wrong);
  const auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(keys_in(*upload), 50u);
}

TEST_F(LoginTest, UploadsAllAgainWhenTheServerHasNone) {
  log_in_until_count();
  world.answer_count(0);
  const auto first = world.take_iq("encrypt", "list");
  world.answer(*first);
  world.answer_active();
  world.refuse(*world.take_iq("encrypt", "digest"), 404);
  const auto upload = world.take_iq("encrypt", "list");
  ASSERT_TRUE(upload);
  EXPECT_EQ(wire::to_xml(*upload->child("list")), wire::to_xml(*first->child("list")));
}

TEST_F(LoginTest, LeavesTheKeysAloneWhenTheDigestIsRefusedOtherwise) {
  for (const int code : {406, 503}) {
    World fresh;
    fresh.reach_online();
    const auto iq = fresh.take_iq("encrypt", "digest");
    ASSERT_TRUE(iq);
    fresh.refuse(*iq, code);
    EXPECT_FALSE(fresh.take_iq("encrypt", "list"));
  }
}

class RotationTest : public LoginTest {
 protected:
  // Online with a signed pre-key that was made that many days ago, and the digest out of the way.
  void reach_online_with_key_of(std::int64_t days) {
    world.pair();
    auto credentials = stored();
    credentials.signed_pre_key_created -= days * 86400;
    world.database->begin();
    store::CredentialsTable(*world.database, world.session).save(credentials);
    ASSERT_TRUE(world.database->commit().ok());
    world.rebuild();
    log_in_again();
  }
  void log_in_again() {
    world.start();
    world.log_in(812);
    const auto iq = world.take_iq("encrypt", "digest");
    ASSERT_TRUE(iq);
    world.refuse(*iq, 503);
  }
  std::optional<wire::Node> rotation() {
    world.advance(0);
    return world.take_iq("encrypt", "rotate");
  }
};

TEST_F(RotationTest, LeavesAKeyOfLessThanFourWeeksAlone) {
  reach_online_with_key_of(26);
  EXPECT_FALSE(rotation());
}

TEST_F(RotationTest, ComesDueWhileALinkLasts) {
  world.reach_online();
  world.refuse(*world.take_iq("encrypt", "digest"), 503);
  // The clocks jump, as after a machine's long sleep.
  world.now.mono += 31 * kDay;
  world.now.wall += 31 * kDay;
  world.advance(0);
  EXPECT_TRUE(world.take_iq("encrypt", "rotate"));
}

TEST_F(RotationTest, RenewsTheSignedPreKeyAndKeepsTheOldOne) {
  reach_online_with_key_of(31);
  const auto rotate = rotation();
  ASSERT_TRUE(rotate);
  EXPECT_EQ(rotate->path({"rotate", "skey", "id"})->bytes(), (Bytes{0, 0, 2}));
  store::SignalRows rows(*world.database, world.session);
  ASSERT_TRUE(rows.signed_pre_key(2));  // stored before it was sent
  EXPECT_EQ(to_bytes(rows.signed_pre_key(2)->key.pub), rotate->path({"rotate", "skey", "value"})->bytes());
  EXPECT_EQ(stored().signed_pre_key_id, 1u);
  world.answer(*rotate);
  EXPECT_EQ(stored().signed_pre_key_id, 2u);
  EXPECT_TRUE(rows.signed_pre_key(1));
  EXPECT_FALSE(rotation());
}

TEST_F(RotationTest, SendsTheSameKeyAgainWhenTheAnswerGotLost) {
  reach_online_with_key_of(31);
  const auto first = rotation();
  ASSERT_TRUE(first);
  world.link.reset();
  world.rebuild();
  log_in_again();
  const auto again = rotation();
  ASSERT_TRUE(again);
  EXPECT_EQ(wire::to_xml(*again->child("rotate")), wire::to_xml(*first->child("rotate")));
}

TEST_F(RotationTest, MakesAnotherKeyWhenThatOneIsRefused) {
  reach_online_with_key_of(31);
  const auto first = rotation();
  ASSERT_TRUE(first);
  world.refuse(*first, 406);
  EXPECT_FALSE(world.take_iq("encrypt", "digest"));
  world.link.reset();
  world.rebuild();
  log_in_again();
  const auto again = rotation();
  ASSERT_TRUE(again);
  EXPECT_NE(again->path({"rotate", "skey", "value"})->bytes(),
            first->path({"rotate", "skey", "value"})->bytes());
}

TEST_F(RotationTest, ChecksTheDigestWhenTheServerDisagrees) {
  reach_online_with_key_of(31);
  const auto rotate = rotation();
  ASSERT_TRUE(rotate);
  world.refuse(*rotate, 409);
  EXPECT_TRUE(world.take_iq("encrypt", "digest"));
  EXPECT_EQ(stored().signed_pre_key_id, 1u);
}

TEST_F(RotationTest, WaitsADayWhenTheServerIsInTrouble) {
  reach_online_with_key_of(31);
  const auto rotate = rotation();
  ASSERT_TRUE(rotate);
  world.refuse(*rotate, 503);
  EXPECT_FALSE(world.take_iq("encrypt", "digest"));
  EXPECT_FALSE(rotation());
  world.now.mono += kDay;
  world.now.wall += kDay;
  EXPECT_TRUE(rotation());
}

}  // namespace
}  // namespace pigeond::engine
