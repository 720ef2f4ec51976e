#include "engine/link/stream_end.h"

#include <gtest/gtest.h>

#include "engine/messages/kinds/text.h"
#include "store/account/credentials.h"
#include "store/erasing.h"
#include "store/sessions.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

wire::Node stream_error(int code, const char* conflict = nullptr) {
  wire::Node node("stream:error");
  if (code != 0) node.set("code", std::to_string(code));
  if (conflict) node.add(wire::Node("conflict").set("type", conflict));
  return node;
}

wire::Node failure(int reason) {
  wire::Node node("failure");
  node.set("reason", std::to_string(reason));
  return node;
}

TEST(StreamEnd, GivesEachStreamErrorItsAction) {
  const struct {
    int code;
    EndAction action;
    Cause cause;
  } rows[] = {
      {515, EndAction::reconnect_now, Cause::link_lost}, {516, EndAction::erase, Cause::logged_out},
      {409, EndAction::give_way, Cause::replaced},       {401, EndAction::reconnect, Cause::link_lost},
      {413, EndAction::reconnect, Cause::link_lost},     {414, EndAction::reconnect, Cause::link_lost},
      {429, EndAction::reconnect, Cause::rate_limited},  {500, EndAction::reconnect, Cause::link_lost},
      {503, EndAction::reconnect, Cause::link_lost},     {0, EndAction::reconnect, Cause::link_lost},
      {999, EndAction::reconnect, Cause::link_lost},
  };
  for (const auto& row : rows) {
    const auto end = classify_stream_error(stream_error(row.code));
    EXPECT_EQ(end.action, row.action) << row.code;
    EXPECT_EQ(end.error.cause, row.cause) << row.code;
    EXPECT_EQ(end.error.code, row.code);
  }
  EXPECT_EQ(classify_stream_error(stream_error(429)).penalty, 5);
}

TEST(StreamEnd, LooksAtTheConflictBeforeTheCode) {
  EXPECT_EQ(classify_stream_error(stream_error(401, "device_removed")).action, EndAction::erase);
  EXPECT_EQ(classify_stream_error(stream_error(515, "device_removed")).action, EndAction::erase);
  EXPECT_EQ(classify_stream_error(stream_error(0, "replaced")).action, EndAction::give_way);
  EXPECT_EQ(classify_stream_error(stream_error(0, "replaced")).error.cause, Cause::replaced);
}

// A kind that comes tomorrow must not cost anybody his link.
TEST(StreamEnd, AConflictOfAnUnknownKindErasesNothing) {
  const auto end = classify_stream_error(stream_error(401, "hologram"));
  EXPECT_EQ(end.action, EndAction::stop);
  EXPECT_NE(end.error.detail.find("hologram"), std::string::npos);
}

TEST(StreamEnd, NamesTheStanzaWhoseAnswerIsMissing) {
  wire::Node node("stream:error");
  node.add(wire::Node("ack").set("class", "receipt").set("id", "3EB0"));
  const auto end = classify_stream_error(node);
  EXPECT_EQ(end.action, EndAction::reconnect);
  EXPECT_EQ(end.owed_class, "receipt");
  EXPECT_EQ(end.owed_id, "3EB0");
  EXPECT_NE(end.error.detail.find("receipt 3EB0"), std::string::npos);
}

TEST(StreamEnd, KeepsWhatElseTheServiceSaysOfARefusal) {
  auto node = failure(403);
  node.set("location", "frc").set("vt", "7").set("violation_reason", "spam").set("url", "https://faq/1");
  node.set("appeal_token", "s3cret");
  const auto detail = classify_failure(node).error.detail;
  for (const char* part :
       {"location frc", "vt 7", "violation_reason spam", "url https://faq/1", "an appeal is possible"})
    EXPECT_NE(detail.find(part), std::string::npos) << part;
  EXPECT_EQ(detail.find("s3cret"), std::string::npos);
}

TEST(StreamEnd, ReconnectsAfterTheOtherChildren) {
  for (const char* tag : {"ack", "xml-not-well-formed", "future"}) {
    wire::Node node("stream:error");
    node.add(wire::Node(tag));
    EXPECT_EQ(classify_stream_error(node).action, EndAction::reconnect) << tag;
  }
}

TEST(StreamEnd, GivesEachFailureItsAction) {
  const struct {
    int reason;
    EndAction action;
    Cause cause;
  } rows[] = {
      {400, EndAction::stop, Cause::unsupported},
      {401, EndAction::erase, Cause::logged_out},
      {402, EndAction::stop, Cause::banned},
      {403, EndAction::stop, Cause::banned},
      {405, EndAction::refresh_version, Cause::outdated},
      {406, EndAction::stop, Cause::banned},
      {409, EndAction::stop, Cause::unsupported},
      {411, EndAction::stop, Cause::unsupported},
      {413, EndAction::stop, Cause::unsupported},
      {414, EndAction::stop, Cause::unsupported},
      {415, EndAction::stop, Cause::unsupported},
      {418, EndAction::stop, Cause::unsupported},
      {419, EndAction::stop, Cause::logged_out},
      {500, EndAction::reconnect, Cause::link_lost},
      {501, EndAction::stop, Cause::unsupported},
      {503, EndAction::reconnect, Cause::link_lost},
      {499, EndAction::stop, Cause::unsupported},
      {555, EndAction::reconnect, Cause::link_lost},
  };
  for (const auto& row : rows) {
    const auto end = classify_failure(failure(row.reason));
    EXPECT_EQ(end.action, row.action) << row.reason;
    EXPECT_EQ(end.error.cause, row.cause) << row.reason;
    EXPECT_EQ(end.error.code, row.reason);
  }
}

TEST(StreamEnd, SaysWhatABanIsForAndHowLongItLasts) {
  auto node = failure(402);
  node.set("code", "104").set("expire", "3600");
  const auto end = classify_failure(node);
  EXPECT_EQ(end.action, EndAction::stop_until);
  EXPECT_EQ(end.wait_seconds, 3600);
  EXPECT_NE(end.error.detail.find("same message"), std::string::npos);
}

TEST(StreamEnd, CutsTheServersWordsAtACharacter) {
  auto node = failure(403);
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\u00e9";
  node.set("logout_message_header", text);
  const auto detail = classify_failure(node).error.detail;
  EXPECT_LE(detail.size(), 300u);
  EXPECT_TRUE(is_valid_utf8(detail));
}

// --- what the engine makes of it ---

TEST(StreamEnd, AnUnlinkedDeviceForgetsTheAccountAndKeepsTheSession) {
  World world;
  world.reach_online();
  world.send(stream_error(401, "device_removed"));
  EXPECT_EQ(world.engine->state(), State::failed);
  EXPECT_EQ(world.states.back().cause->cause, Cause::logged_out);
  ASSERT_EQ(world.all<Unlinked>().size(), 1u);
  EXPECT_FALSE(store::CredentialsTable(*world.database, world.session).load());
  EXPECT_EQ(world.count_rows("SELECT count(*) FROM pre_key"), 0);
  EXPECT_EQ(world.count_rows("SELECT count(*) FROM signal_identity"), 0);
  EXPECT_TRUE(store::SessionTable(*world.database).find("default"));
  EXPECT_FALSE(world.engine->next_wake());
  EXPECT_FALSE(world.connecting);

  // Started again, it is another device that asks for a link.
  world.start();
  world.accept();
  EXPECT_FALSE(world.link->payload.has_username);
  world.send_pair_device();
  EXPECT_EQ(world.engine->state(), State::pairing);
}

std::int64_t put_in_outbox(World& world) {
  world.tick([&] {
    Send request;
    request.request = 9;
    request.to = wire::pn("4911111");
    request.content = text_content("waits");
    request.told_at_once = true;
    world.engine->send(world.now, request);
  });
  return world.count_rows("SELECT count(*) FROM outbox");
}

TEST(StreamEnd, WhatWaitsForSendingOutlivesTheUnlinkingOfItsAccountOnly) {
  for (const bool same_account : {true, false}) {
    World world;
    world.reach_online();
    ASSERT_EQ(put_in_outbox(world), 1);
    world.send(stream_error(401, "device_removed"));
    EXPECT_EQ(world.count_rows("SELECT count(*) FROM outbox WHERE stanza IS NULL"), 1);
    EXPECT_EQ(world.count_rows("SELECT count(*) FROM message"), 1);
    EXPECT_TRUE(world.all<SendDone>().empty()) << "it has not ended";

    world.number = same_account ? "491234567" : "4955555";
    world.hidden_id = same_account ? "998877" : "112233";
    world.pair();
    ASSERT_TRUE(world.engine->credentials().linked());
    EXPECT_EQ(world.count_rows("SELECT count(*) FROM outbox"), same_account ? 1 : 0);
    EXPECT_EQ(world.count_rows("SELECT count(*) FROM message"), same_account ? 1 : 0);
    // What goes with another account is told to have ended, once to whoever waits and once to programs.
    const auto ends = world.all<SendDone>();
    const auto acks = world.all<AckEvent>();
    ASSERT_EQ(ends.size(), same_account ? 0u : 1u);
    ASSERT_EQ(acks.size(), ends.size());
    if (same_account) continue;
    EXPECT_EQ(ends[0].ack.cause(), Cause::logged_out);
    EXPECT_EQ(acks[0].id, ends[0].id);
    EXPECT_EQ(acks[0].ack, -1);
    EXPECT_TRUE(acks[0].cause);
  }
}

TEST(StreamEnd, ARefusedLoginForgetsTheAccountOrKeepsIt) {
  const struct {
    int reason;
    bool kept;
  } rows[] = {{401, false}, {403, true}, {406, true}, {400, true}, {409, true}, {419, true}};
  for (const auto& row : rows) {
    World world;
    world.pair();
    world.restart_stream();
    world.accept();
    world.send(failure(row.reason));
    EXPECT_EQ(world.engine->state(), State::failed) << row.reason;
    EXPECT_EQ(store::CredentialsTable(*world.database, world.session).load().has_value(), row.kept)
        << row.reason;
    EXPECT_EQ(world.all<Unlinked>().size(), row.kept ? 0u : 1u) << row.reason;
    EXPECT_FALSE(world.engine->next_wake()) << row.reason;
  }
}

TEST(StreamEnd, AReplacedConnectionDoesNotFightForItsPlace) {
  World world;
  world.reach_online();
  for (const Millis pause : {10 * kMinute, kHour, 3 * kHour, 6 * kHour, 6 * kHour}) {
    const int connects = world.connects;
    world.send(stream_error(0, "replaced"));
    EXPECT_EQ(world.engine->state(), State::failed);
    EXPECT_EQ(world.states.back().cause->cause, Cause::replaced);
    EXPECT_NE(world.states.back().cause->detail.find("tried again in"), std::string::npos);
    ASSERT_TRUE(world.engine->next_connect());
    const Millis wait = *world.engine->next_connect() - world.now.mono;
    EXPECT_GE(wait, pause - pause / 10);
    EXPECT_LE(wait, pause + pause / 10);
    world.advance(wait - 1);
    EXPECT_EQ(world.connects, connects);
    world.advance(1);
    ASSERT_EQ(world.connects, connects + 1);
    world.log_in(812);
  }
  world.advance(2 * kHour);  // undisputed
  world.send(stream_error(0, "replaced"));
  EXPECT_LE(*world.engine->next_connect() - world.now.mono, 11 * kMinute);
}

TEST(StreamEnd, WhoStartsAReplacedSessionTriesAtOnce) {
  World world;
  world.reach_online();
  world.send(stream_error(0, "replaced"));
  const int connects = world.connects;
  world.start();
  EXPECT_EQ(world.connects, connects + 1);
  world.log_in(812);
}

// A service that accepts and then drops must not be asked each second.
TEST(StreamEnd, OnlyALinkThatLastedMakesTheDelaysShortAgain) {
  World world;
  world.reach_online();
  std::vector<Millis> delays;
  for (int i = 0; i < 6; ++i) {
    world.advance(29 * kSecond);
    world.drop();
    delays.push_back(*world.engine->next_connect() - world.now.mono);
    world.advance(delays.back());
    world.log_in(812);
  }
  EXPECT_GE(delays.back(), 7 * kSecond);
  world.advance(30 * kSecond);
  world.drop();
  EXPECT_LE(*world.engine->next_connect() - world.now.mono, 1100);
}

TEST(StreamEnd, ThePenaltyForTooManyConnectionsStaysHoweverLongTheLinkLasted) {
  World world;
  world.reach_online();
  for (int i = 0; i < 2; ++i) {
    world.advance(kHour);
    world.send(stream_error(429));
    if (i == 0) {
      world.advance(*world.engine->next_connect() - world.now.mono);
      world.log_in(812);
    }
  }
  EXPECT_GE(*world.engine->next_connect() - world.now.mono, 100 * kSecond);
}

TEST(StreamEnd, ATemporaryBanEndsByItself) {
  World world;
  world.reach_online();
  world.drop();
  world.advance(2 * kSecond);
  world.accept();
  auto node = failure(402);
  node.set("expire", "3600");
  world.send(node);
  EXPECT_EQ(world.engine->state(), State::failed);
  const int connects = world.connects;
  world.advance(3599 * kSecond);
  EXPECT_EQ(world.connects, connects);
  world.advance(kSecond);
  EXPECT_EQ(world.connects, connects + 1);
  world.log_in(812);
}

TEST(StreamEnd, TooManyConnectionsSlowTheNextOneDown) {
  World world;
  world.reach_online();
  world.send(stream_error(429));
  ASSERT_TRUE(world.engine->next_wake());
  EXPECT_GE(*world.engine->next_wake() - world.now.mono, 7000);
}

TEST(StreamEnd, TheEndOfTheStreamIsALostLink) {
  for (const bool marker : {true, false}) {
    World world;
    world.reach_online();
    if (marker) {
      world.link->send_plain(Bytes{2});
      world.deliver();
    } else {
      world.send(wire::Node("xmlstreamend"));
    }
    EXPECT_EQ(world.engine->state(), State::connecting);
    EXPECT_TRUE(world.engine->next_wake());
  }
}

// --- logging out on request ---

bool has_credentials(World& world) {
  return store::CredentialsTable(*world.database, world.session).load().has_value();
}

TEST(Departure, AsksTheServiceAndStopsOnceItIsConfirmedAndErasesNothing) {
  World world;
  world.reach_online();
  ASSERT_EQ(put_in_outbox(world), 1);
  world.tick([&] { world.engine->depart(world.now); });
  const auto iq = world.take_iq("md", "remove-companion-device");
  ASSERT_TRUE(iq);
  EXPECT_EQ(iq->child("remove-companion-device")->jid("jid"), wire::pn("491234567", 7));
  EXPECT_TRUE(iq->child("remove-companion-device")->is("reason", "user_initiated"));
  EXPECT_NE(world.engine->state(), State::online);  // what is sent now would be lost
  world.answer(*iq);
  EXPECT_EQ(world.engine->state(), State::stopped);
  ASSERT_EQ(world.all<Departed>().size(), 1u);
  EXPECT_TRUE(world.all<Departed>()[0].confirmed);
  EXPECT_TRUE(has_credentials(world));
  EXPECT_EQ(world.count_rows("SELECT count(*) FROM outbox"), 1);
  EXPECT_FALSE(world.engine->next_wake());
}

TEST(Departure, IsAskedForAgainByTheNextLoginOfAServiceThatSaysNothing) {
  World world;
  world.reach_online();
  world.tick([&] { world.engine->depart(world.now); });
  ASSERT_TRUE(world.take_iq("md", "remove-companion-device"));
  world.advance(3 * kSecond);
  ASSERT_EQ(world.all<Departed>().size(), 1u);
  EXPECT_EQ(world.all<Departed>()[0].confirmed.error().cause, Cause::timed_out);
  EXPECT_EQ(world.engine->state(), State::connecting);
  EXPECT_TRUE(world.engine->next_wake());
  EXPECT_TRUE(has_credentials(world));
}

TEST(Departure, TakesTheServersConflictForTheAnswer) {
  World world;
  world.reach_online();
  world.tick([&] { world.engine->depart(world.now); });
  world.send(stream_error(401, "device_removed"));
  EXPECT_EQ(world.engine->state(), State::stopped);
  ASSERT_EQ(world.all<Departed>().size(), 1u);
  EXPECT_TRUE(world.all<Departed>()[0].confirmed);
}

TEST(Departure, WithoutALinkTheAccountIsKeptAndItGoesOnConnecting) {
  World world;
  world.reach_online();
  world.drop();
  world.tick([&] { world.engine->depart(world.now); });
  EXPECT_EQ(world.engine->state(), State::connecting);
  EXPECT_TRUE(has_credentials(world));
}

TEST(Departure, CanBeCalledOff) {
  World world;
  world.reach_online();
  world.drop();
  world.tick([&] { world.engine->depart(world.now); });
  world.tick([&] { world.engine->stay(world.now); });
  world.tick([&] { world.engine->stop(world.now); });
  EXPECT_EQ(world.engine->state(), State::stopped);
  EXPECT_TRUE(world.all<Departed>().empty());
  EXPECT_TRUE(has_credentials(world));
}

}  // namespace
}  // namespace pigeond::engine
