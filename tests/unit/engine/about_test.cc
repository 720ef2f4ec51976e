// What is said about messages: how it is encrypted, what of it programs are told, and what stays of the
// message.
#include "engine/messages/about/target.h"
#include "engine/messages/kinds/about/addon.h"
#include "engine/messages/kinds/about/edit.h"
#include "engine/messages/kinds/about/reaction.h"
#include "engine/messages/kinds/about/revoke.h"
#include "engine/messages/kinds/about/vote.h"
#include "engine/messages/kinds/poll.h"
#include "unit/engine/chat_world.h"
#include "vectors.h"

namespace pigeond::engine {
namespace {

std::string_view use_named(const std::string& name) {
  for (const auto use : {kPollVote, kEventAnswer, kSealedReactionUse, kSealedCommentUse, kMessageEdit,
                         kEventEdit, kPollEdit, kPollOption})
    if (use == name) return use;
  ADD_FAILURE() << name;
  return {};
}

TEST(Addons, KnownAnswersBothWays) {
  for (const auto& known : pigeond::test::load_vectors("message-vectors.json", "addon")) {
    const Addon addon{use_named(known["use"]), known["id"], known["author"], known["sender"]};
    const Bytes secret = pigeond::test::hex(known["messageSecret"]);
    if (known.contains("key")) {
      EXPECT_EQ(addon_key(secret, addon), pigeond::test::key(known["key"])) << known["name"];
    }
    if (!known.contains("payload")) continue;
    const auto opened =
        open_addon(secret, addon, pigeond::test::hex(known["payload"]), pigeond::test::hex(known["iv"]));
    ASSERT_TRUE(opened.ok()) << known["name"];
    EXPECT_EQ(*opened, pigeond::test::hex(known["plaintext"])) << known["name"];
    if (!known.contains("options")) continue;
    const auto options = known["options"].get<std::vector<std::string>>();
    EXPECT_EQ(vote_plaintext(options), *opened);
    EXPECT_EQ(chosen(*opened, {"Yes", "No", "Perhaps"}).value(), options);
  }
}

TEST(Addons, WhatSomebodyElseHasSealedIsNotOpened) {
  SeededRandom random(5);
  const Bytes secret(32, 1), other(32, 2);
  const Addon addon{kPollVote, "M1", "1@lid", "2@lid"};
  const Sealed sealed = seal_addon(secret, addon, Bytes{1, 2, 3}, random);
  EXPECT_EQ(open_addon(secret, addon, sealed.payload, sealed.iv).value(), (Bytes{1, 2, 3}));
  EXPECT_EQ(open_addon(other, addon, sealed.payload, sealed.iv).error().cause, Cause::bad_mac);
  for (const Addon& wrong :
       {Addon{kEventAnswer, "M1", "1@lid", "2@lid"}, Addon{kPollVote, "M2", "1@lid", "2@lid"},
        Addon{kPollVote, "M1", "3@lid", "2@lid"}, Addon{kPollVote, "M1", "1@lid", "3@lid"}})
    EXPECT_FALSE(open_addon(secret, wrong, sealed.payload, sealed.iv).ok());
  EXPECT_EQ(open_addon(secret, addon, sealed.payload, Bytes(11, 0)).error().cause, Cause::malformed);
  EXPECT_FALSE(open_addon(secret, addon, {}, sealed.iv).ok());
}

TEST(Votes, ForAnOptionThatThePollLacksAreNotNamed) {
  EXPECT_EQ(chosen(vote_plaintext({"Tea", "Milk"}), {"Tea"}).error().cause, Cause::not_found);
  EXPECT_TRUE(chosen({}, {"Tea"}).value().empty());
  EXPECT_EQ(chosen(Bytes{0x0a, 0x7f}, {"Tea"}).error().cause, Cause::malformed);
}

const wire::Jid kUs = jid("9911:7@lid"), kAlice = jid("9922@lid");

class AboutMessages : public ChatTest {
 protected:
  AboutMessages() { greet(phone(), kUs); }
  PeerDevice& phone() { return *alice->devices[0]; }
  void hear(const std::string& id, ByteView content, const std::string& edit = {}) {
    auto stanza = message(id, kAlice, phone().seal(kUs, content));
    stanza.set("edit", edit);
    handle(stanza);
  }
  static wa_MessageKey key(const std::string& id, bool from_me) {
    wa_MessageKey key{};
    key.remoteJID = "9911@lid";
    key.has_fromMe = true;
    key.fromMe = from_me;
    key.id = id;
    return key;
  }
  std::string type_of(const std::string& id) {
    auto query = database->prepare("SELECT type FROM message WHERE id = ?");
    query.bind(id);
    return query.step() ? query.text(0) : "none";
  }
  std::string body_of(const std::string& id) {
    auto query = database->prepare("SELECT content FROM message WHERE id = ?");
    query.bind(id);
    return query.step() ? describe(Content{query.blob(0)}).body : "none";
  }
  static Bytes edit(const std::string& id, const std::string& text, bool from_me = true) {
    auto now = std::make_unique<wa_Message>();
    now->conversation = text;
    return edit_content(key(id, from_me), std::move(now), 1700000001000).message;
  }
  SendDone say(const std::string& target, Saying saying, std::vector<wire::Jid> mentions = {}) {
    Send request;
    request.request = 9;
    request.to = kAlice;
    request.about = Remark{MessageRef{target}, std::move(saying)};
    request.mentions = std::move(mentions);
    context->effects.clear();
    chat->send(std::move(request));
    commit();
    const auto done = effects<SendDone>();
    return done.empty() ? SendDone{} : done.back();
  }
};

TEST_F(AboutMessages, AreToldAsWhatTheyAreAndNeverAsMessages) {
  hear("M1", text("hello"));
  hear("M2", reaction_content(key("M1", true), "👍", 5).message);
  hear("M2", reaction_content(key("M1", true), "👍", 5).message);
  ASSERT_EQ(shown().size(), 1u);
  const auto told = effects<AboutEvent>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].what, AboutEvent::What::reaction);
  EXPECT_EQ(told[0].by.body, "👍");
  EXPECT_EQ(told[0].target.id, "M1");
  EXPECT_FALSE(told[0].target.from_me);
}

TEST_F(AboutMessages, ACommentThatCannotBeOpenedIsToldOnceAsAMessageThatCannotBeRead) {
  hear("M1", text("hello"));
  wa_Message comment{};
  comment.has_encCommentMessage = comment.encCommentMessage.has_targetMessageKey = true;
  comment.encCommentMessage.targetMessageKey = key("M1", true);
  comment.encCommentMessage.encPayload = Bytes(40, 1);
  comment.encCommentMessage.encIV = Bytes(12, 2);
  context->effects.clear();
  for (int i = 0; i < 2; ++i) hear("C1", wire::proto::encode(comment));
  const auto told = effects<MessageEvent>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].id, "C1");
  EXPECT_EQ(told[0].unread, Unread::undecryptable);
  ASSERT_TRUE(told[0].quoted);
  EXPECT_EQ(told[0].quoted->id, "M1");
  EXPECT_EQ(type_of("C1"), "comment");
}

TEST_F(AboutMessages, AVoteThatCannotBeCastNamesThePoll) {
  hear("M1", text("hello"));
  for (const char* poll : {"M1", "NOTHERE"}) {
    const auto done = say(poll, Vote{{"Yes"}});
    ASSERT_FALSE(done.ack.ok()) << poll;
    EXPECT_EQ(done.ack.error().field, Field::poll) << poll;
  }
  EXPECT_EQ(say("NOTHERE", Pin{60}).ack.error().field, Field::target);
}

TEST_F(AboutMessages, AnEditChangesWhatIsStored) {
  hear("M1", text("frist"));
  hear("M2", edit("M1", "first"));
  hear("M3", edit("M1", "first!"));
  const auto told = effects<AboutEvent>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].by.body, "first!");
  EXPECT_EQ(told[1].target.id, "M1");
  EXPECT_EQ(body_of("M1"), "first!");
  EXPECT_EQ(type_of("M1"), "text");
}

TEST_F(AboutMessages, OnlyItsAuthorEditsOrDeletesAMessage) {
  send("9922@lid", "carved in stone", 1, "OURS");
  ack("OURS");
  context->effects.clear();
  for (const bool from_me : {true, false}) {
    hear("E" + std::to_string(from_me), edit("OURS", "forged", from_me), "1");
    hear("R" + std::to_string(from_me), revoke_content(key("OURS", from_me)).message, from_me ? "7" : "8");
  }
  EXPECT_TRUE(effects<AboutEvent>().empty());
  EXPECT_EQ(body_of("OURS"), "carved in stone");
}

TEST_F(AboutMessages, WhatIsDeletedIsGoneAndIsToldAsItWas) {
  hear("M1", text("forget it"));
  hear("M2", revoke_content(key("M1", true)).message, "7");
  const auto told = effects<AboutEvent>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].what, AboutEvent::What::revoked);
  ASSERT_TRUE(told[0].before);
  EXPECT_EQ(told[0].before->body, "forget it");
  EXPECT_EQ(type_of("M1"), "revoked");
  EXPECT_EQ(body_of("M1"), "");
}

TEST_F(AboutMessages, OursIsEditedForTwentyMinutes) {
  send("9922@lid", "frist", 1, "OURS");
  ack("OURS");
  now.wall += 19 * kMinute;
  now.mono += 19 * kMinute;
  context->now = now;
  const auto accepted = say("OURS", Edit{"first"});
  EXPECT_EQ(accepted.request, 0u) << accepted.ack.error().detail;
  const auto& stanza = last("message");
  EXPECT_EQ(stanza.attr("edit"), "1");
  EXPECT_EQ(stanza.attr("type"), "text");
  EXPECT_EQ(copies(stanza)["9922@lid"].attr("decrypt-fail"), "hide");
  EXPECT_EQ(body_of("OURS"), "frist");
  ack(stanza.attr("id"));
  EXPECT_EQ(body_of("OURS"), "first");
  context->now.wall += 10 * kMinute;
  context->now.mono += 10 * kMinute;
  const auto late = say("OURS", Edit{"too late"});
  ASSERT_FALSE(late.ack.ok());
  EXPECT_EQ(late.ack.error().cause, Cause::too_late);
  EXPECT_EQ(late.ack.error().field, Field::target);
}

TEST_F(AboutMessages, WhomAnEditNamesIsNamedByTheFormOfTheChat) {
  send("4922@s.whatsapp.net", "I mean", 1, "OURS");
  ack("OURS");
  EXPECT_EQ(say("OURS", Edit{"I mean @4922"}, {jid("4922@s.whatsapp.net")}).request, 0u);
  const auto opened = phone().open(copies(last("message")).at("9922@lid"), kUs);
  ASSERT_TRUE(opened.ok());
  const auto decoded = wire::proto::decode<wa_Message>(*opened);
  ASSERT_TRUE(decoded.ok());
  const Content edited{wire::proto::encode(*decoded->protocolMessage.editedMessage)};
  EXPECT_EQ(describe(edited).body, "I mean @9922");
  EXPECT_EQ(describe(edited).mentions, std::vector{kAlice});
}

TEST_F(AboutMessages, ATextWithACardIsEditedAsOtherTextsAre) {
  const LinkCard card{"https://a.example/x", "A", "B"};
  chat->send({1, jid("9922@lid"), "OURS", text_content("See https://a.example/x", card), {}, {}});
  commit();
  ack("OURS");
  const auto accepted = say("OURS", Edit{"See there"});
  EXPECT_EQ(accepted.request, 0u) << accepted.ack.error().detail;
  ack(last("message").attr("id"));
  EXPECT_EQ(body_of("OURS"), "See there");
}

TEST_F(AboutMessages, AnEditThatNamesSomebodyKeepsWhatItsMessageAnswered) {
  hear("M1", text_content("a question").message);
  chat->send({1, jid("9922@lid"), "OURS", text_content("an answer"), MessageRef{"M1"}, {}});
  commit();
  ack("OURS");
  EXPECT_EQ(say("OURS", Edit{"an answer of @4922"}, {jid("4922@s.whatsapp.net")}).request, 0u);
  ack(last("message").attr("id"));
  auto stored = database->prepare("SELECT content FROM message WHERE id = 'OURS'");
  ASSERT_TRUE(stored.step());
  const auto decoded = wire::proto::decode<wa_Message>(stored.blob(0));
  ASSERT_TRUE(decoded.ok());
  ASSERT_TRUE(decoded->has_extendedTextMessage && decoded->extendedTextMessage.contextInfo);
  EXPECT_EQ(decoded->extendedTextMessage.contextInfo->stanzaID, "M1");
  EXPECT_EQ(decoded->extendedTextMessage.contextInfo->mentionedJID.size(), 1u);
}

TEST_F(AboutMessages, ADeletionIsMarkedAndNotHidden) {
  send("9922@lid", "oops", 1, "OURS");
  ack("OURS");
  EXPECT_EQ(say("OURS", Revoke{}).request, 0u);
  EXPECT_EQ(last("message").attr("edit"), "7");
  EXPECT_FALSE(copies(last("message"))["9922@lid"].has("decrypt-fail"));
  EXPECT_EQ(say("NOBODY", Revoke{}).ack.error().cause, Cause::not_found);
}

TEST_F(AboutMessages, AReactionHasNoReportingToken) {
  hear("M1", text("hello"));
  EXPECT_EQ(say("M1", Reaction{"👍"}).request, 0u);
  EXPECT_EQ(last("message").attr("type"), "reaction");
  EXPECT_EQ(last("message").child("reporting"), nullptr);
  EXPECT_FALSE(last("message").has("edit"));
  say("M1", Reaction{""});
  EXPECT_EQ(last("message").attr("edit"), "7");
}

}  // namespace
}  // namespace pigeond::engine
