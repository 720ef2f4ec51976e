// What a phone tells of its history: read for what later messages need, and called read once that is stored.
#include "engine/history/history.h"

#include <zlib.h>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "engine/history/history_reader.h"
#include "engine/messages/desk.h"
#include "engine/messages/trust/token_rules.h"
#include "store/erasing.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

constexpr std::int64_t kNow = 1700000000;

void put(Bytes& out, std::uint32_t field, std::uint64_t value) {
  const auto varint = [&out](std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out.push_back(static_cast<std::uint8_t>(number | 0x80));
    out.push_back(static_cast<std::uint8_t>(number));
  };
  varint(std::uint64_t{field} << 3);
  varint(value);
}
void put(Bytes& out, std::uint32_t field, ByteView value) {
  append_field(out, field, value);
}
void put(Bytes& out, std::uint32_t field, const std::string& value) {
  append_field(out, field, as_bytes(value));
}

Bytes message(const std::string& chat, const std::string& id, const Bytes& secret, bool from_me = false,
              const std::string& participant = {}) {
  Bytes key, info, out;
  put(key, 1, chat);
  put(key, 2, std::uint64_t{from_me});
  put(key, 3, id);
  if (!participant.empty()) put(key, 4, participant);
  put(info, 1, key);
  put(info, 2, Bytes(500, 'x'));
  put(info, 3, std::uint64_t{kNow - 100});
  put(info, 49, secret);
  put(out, 1, info);
  return out;
}

Bytes conversation(const std::string& id, const Bytes& token, std::int64_t time, std::int64_t issued,
                   const std::vector<Bytes>& messages = {}, const std::string& pn = {}) {
  Bytes out;
  for (const auto& one : messages) put(out, 2, one);  // before the id, as they may come
  put(out, 1, id);
  if (!token.empty()) put(out, 21, token);
  if (time > 0) put(out, 22, static_cast<std::uint64_t>(time));
  if (issued > 0) put(out, 28, static_cast<std::uint64_t>(issued));
  if (!pn.empty()) put(out, 39, pn);
  return out;
}

Bytes couple(const std::string& first, const std::string& second) {
  Bytes out;
  put(out, 1, first);
  put(out, 2, second);
  return out;
}

HistoryItems items_of(const Bytes& content, std::size_t step = 1) {
  HistoryReader reader;
  for (std::size_t at = 0; at < content.size(); at += step)
    EXPECT_TRUE(reader.feed(ByteView(content).subspan(at, std::min(step, content.size() - at))));
  EXPECT_TRUE(reader.end());
  return reader.take();
}

TEST(HistoryReader, FindsTokensPairsNamesSecretsSaltAndNonce) {
  Bytes content;
  put(content, 1, std::uint64_t{3});
  put(content, 2,
      conversation("9922@lid", {1, 2}, 100, 50,
                   {message("9922@lid", "M1", Bytes(32, 5)), message("9922@lid", "M2", Bytes(32, 6), true)},
                   "4922@s.whatsapp.net"));
  put(content, 2,
      conversation("123-4@g.us", {9}, 100, 0,
                   {message("123-4@g.us", "M3", Bytes(32, 7), false, "9933@lid"),
                    message("123-4@g.us", "M4", Bytes(31, 7), false, "9933@lid"),
                    message("123-4@g.us", "M5", Bytes(32, 7))}));
  put(content, 7, couple("4922@c.us", "Alice"));
  put(content, 7, couple("4944", "Without a server"));
  put(content, 7, couple("4933@s.whatsapp.net", "-"));
  put(content, 15, couple("4933@c.us", "9933@lid"));
  put(content, 15, couple("nonsense", "9933@lid"));
  put(content, 16, std::string("nonce"));
  put(content, 19, Bytes{8, 8});
  for (const std::size_t step : {1u, 1000u}) {
    const HistoryItems items = items_of(content, step);
    ASSERT_EQ(items.tokens.size(), 1u);
    EXPECT_EQ(items.tokens[0].chat.text(), "9922@lid");
    EXPECT_EQ(items.tokens[0].token, (Bytes{1, 2}));
    EXPECT_EQ(items.tokens[0].timestamp, 100);
    EXPECT_EQ(items.tokens[0].issued, 50);
    ASSERT_EQ(items.pairs.size(), 2u);
    EXPECT_EQ(items.pairs[0].pn.text(), "4922@s.whatsapp.net");
    EXPECT_EQ(items.pairs[1].pn.text(), "4933@s.whatsapp.net");
    ASSERT_EQ(items.names.size(), 2u);
    EXPECT_EQ(items.names[0].user.text(), "4922@s.whatsapp.net");
    EXPECT_EQ(items.names[1].user.text(), "4944@s.whatsapp.net");
    ASSERT_EQ(items.secrets.size(), 3u);
    EXPECT_EQ(items.secrets[0].sender.text(), "9922@lid");
    EXPECT_TRUE(items.secrets[1].from_me);
    EXPECT_EQ(items.secrets[2].sender.text(), "9933@lid");
    EXPECT_EQ(items.salt, (Bytes{8, 8}));
    EXPECT_EQ(items.nonce, "nonce");
  }
}

TEST(HistoryReader, AMessageThatMakesNoSenseDoesNotVoidItsConversation) {
  Bytes broken, info = {0x0b, 0x0b}, good = message("9922@lid", "M1", Bytes(32, 5)), content;
  put(broken, 1, info);
  put(content, 2, conversation("9922@lid", {1}, 100, 0, {broken, good}));
  const HistoryItems items = items_of(content);
  EXPECT_EQ(items.tokens.size(), 1u);
  EXPECT_EQ(items.secrets.size(), 1u);
}

TEST(HistoryReader, FindsTheTimersOfDirectChats) {
  Bytes timed = conversation("9922@lid", {}, 0, 0), group = conversation("123-4@g.us", {}, 0, 0), content;
  for (Bytes* chat : {&timed, &group}) {
    put(*chat, 9, std::uint64_t{604800});
    put(*chat, 10, std::uint64_t{1699990000});
  }
  Bytes endless = conversation("9933@lid", {}, 0, 0);
  put(endless, 9, std::uint64_t{1} << 40);
  for (const Bytes* chat : {&timed, &group, &endless}) put(content, 2, *chat);
  const HistoryItems items = items_of(content);
  ASSERT_EQ(items.timers.size(), 1u);
  EXPECT_EQ(items.timers[0].chat.text(), "9922@lid");
  EXPECT_EQ(items.timers[0].seconds, 604800u);
  EXPECT_EQ(items.timers[0].set, 1699990000);
}

class HistoryTest : public ChatTest {
 protected:
  HistoryTest() {
    phone = own->devices[0].get();
    greet(*phone, jid("4911:7@s.whatsapp.net"));
    service.account_answers["w:m"] = [](const wire::Node&) {
      wire::Node where("media_conn"), result("iq");
      where.set("auth", "a/b").set("ttl", "300");
      for (const char* host : {"one.example", "two.example:81", "bad/host"})
        where.add(wire::Node("host").set("hostname", host));
      return result.add(where);
    };
  }
  void tell(const std::string& id, const wa_HistorySyncNotification& notification) {
    wa_Message inner{};
    inner.has_protocolMessage = true;
    inner.protocolMessage.has_type = true;
    inner.protocolMessage.type = wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION;
    inner.protocolMessage.has_historySyncNotification = true;
    inner.protocolMessage.historySyncNotification = notification;
    from_phone(id, inner);
  }
  void from_phone(const std::string& id, const wa_Message& inner) {
    auto stanza =
        message_from_phone(id, phone->seal(jid("4911:7@s.whatsapp.net"), wire::proto::encode(inner)));
    ASSERT_TRUE(handle(stanza));
  }
  wire::Node message_from_phone(const std::string& id, wire::Node enc) {
    auto stanza = message(id, own->pn, std::move(enc));
    return stanza.set("category", "peer");
  }
  static wa_HistorySyncNotification uploaded(int chunk = 1) {
    wa_HistorySyncNotification told{};
    told.has_syncType = told.has_chunkOrder = true;
    told.syncType = wa_HistorySyncType_RECENT;
    told.chunkOrder = static_cast<std::uint32_t>(chunk);
    told.directPath = "/v/file.enc?oh=1";
    told.mediaKey = Bytes(32, 9);
    told.fileEncSHA256 = Bytes(32, 0xfb);
    told.encHandle = "handle";
    return told;
  }
  std::vector<FetchHistory> wanted() const { return effects<FetchHistory>(); }
  std::vector<std::string> receipts(const std::string& type) const {
    std::vector<std::string> ids;
    for (const auto& receipt : sent("receipt"))
      if (receipt.is("type", type)) ids.push_back(receipt.attr("id"));
    return ids;
  }
  void relink() {
    service.lose_link();
    chat->offline(fail(Cause::link_lost));
    service.is_online = true;
    chat->online();
    commit();
  }
  static HistoryItems some() {
    HistoryItems items;
    items.tokens.push_back({jid("4922@s.whatsapp.net"), {4, 4}, kNow - 50, kNow - 40});
    items.pairs.push_back({jid("4922@s.whatsapp.net"), jid("9922@lid")});
    items.names.push_back({jid("4911@s.whatsapp.net"), "Our Shop"});
    items.names.push_back({jid("4922@s.whatsapp.net"), "Alice"});
    items.secrets.push_back(
        {jid("4922@s.whatsapp.net"), jid("4922@s.whatsapp.net"), false, "M1", Bytes(32, 5), kNow - 9});
    items.secrets.push_back(
        {jid("4922@s.whatsapp.net"), jid("4922@s.whatsapp.net"), false, "M0", Bytes(32, 5), 1000});
    items.salt = to_bytes("salt");
    items.nonce = "nonce";
    return items;
  }

  PeerDevice* phone = nullptr;
};

TEST_F(HistoryTest, WhatCameAlongIsReadAndCalledReadOnlyThen) {
  wa_HistorySyncNotification told{};
  told.initialHistBootstrapInlinePayload = {1, 2, 3};
  tell("H1", told);
  ASSERT_EQ(wanted().size(), 1u);
  EXPECT_EQ(wanted()[0].payload, (Bytes{1, 2, 3}));
  EXPECT_EQ(receipts("peer_msg"), std::vector<std::string>{"H1"});
  EXPECT_TRUE(receipts("hist_sync").empty());
  chat->take_history(wanted()[0].row, some());
  EXPECT_TRUE(receipts("hist_sync").empty());
  chat->history_ended(wanted()[0].row, {});
  commit();
  EXPECT_EQ(receipts("hist_sync"), std::vector<std::string>{"H1"});
  send("9922@lid", "text", 1, "A");
  EXPECT_EQ(hex_lower(last("message").child("tctoken")->bytes()), "0404");
  ack("A");
  EXPECT_TRUE(std::none_of(service.account_queries.begin(), service.account_queries.end(),
                           [](const auto& iq) { return iq.is("xmlns", "privacy"); }))
      << "another device of the account gave ours";
  EXPECT_EQ(context->credentials.push_name, "Our Shop");
  EXPECT_EQ(store::CredentialsTable(*database, session).load()->companion_meta_nonce, "nonce");
  store::History rows(*database, session);
  EXPECT_EQ(rows.name("9922@lid"), "Alice");
  EXPECT_EQ(rows.secret("9922@lid", "9922@lid", "M1"), Bytes(32, 5));
  EXPECT_FALSE(rows.secret("9922@lid", "9922@lid", "M0")) << "nobody votes on what is that old";
  EXPECT_EQ(store::PrivacyTokens(*database, session).salt(), to_bytes("salt"));
}

TEST_F(HistoryTest, AFileIsAskedForWhereTheServiceSaysAndDeletedWhenItIsRead) {
  tell("H1", uploaded());
  ASSERT_EQ(wanted().size(), 1u);
  EXPECT_EQ(wanted()[0].hosts, (std::vector<std::string>{"one.example", "two.example:81"}));
  EXPECT_TRUE(wanted()[0].path.starts_with("/v/file.enc?oh=1&hash=-_v7")) << wanted()[0].path;
  EXPECT_EQ(wanted()[0].media_key, Bytes(32, 9));
  chat->take_history(wanted()[0].row, some());
  chat->history_ended(wanted()[0].row, {});
  const auto deleted = effects<DeleteHistory>();
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_EQ(deleted[0].host, "one.example");
  EXPECT_TRUE(deleted[0].path.starts_with("/mms/md-msg-hist/-_v7")) << deleted[0].path;
  EXPECT_NE(deleted[0].path.find("auth=a%2Fb"), std::string::npos);
  EXPECT_NE(deleted[0].path.find("&d_md=L3YvZmlsZS5lbmM&e_handle=handle"), std::string::npos)
      << deleted[0].path;
  EXPECT_EQ(deleted[0].secret, "nonce");
}

TEST_F(HistoryTest, OneComesAfterTheOther) {
  tell("H1", uploaded(1));
  tell("H2", uploaded(2));
  ASSERT_EQ(wanted().size(), 1u);
  chat->take_history(wanted()[0].row + 1, some());  // nobody asked for that
  EXPECT_TRUE(context->credentials.push_name.empty());
  chat->history_ended(wanted()[0].row, {});
  EXPECT_EQ(wanted().size(), 2u);
}

TEST_F(HistoryTest, ThatItIsReadIsToldUntilTheServiceHasHeard) {
  tell("H1", uploaded());
  chat->history_ended(wanted()[0].row, {});
  relink();
  EXPECT_EQ(receipts("hist_sync").size(), 2u);
  wire::Node heard("ack");
  heard.set("class", "receipt").set("id", "H1").set("type", "hist_sync");
  EXPECT_TRUE(handle(heard));
  relink();
  EXPECT_EQ(receipts("hist_sync").size(), 2u);
}

TEST_F(HistoryTest, AnotherProcessBeginsAnew) {
  tell("H1", uploaded());
  chat->take_history(wanted()[0].row, some());
  commit();
  chat.reset();
  start();
  ASSERT_EQ(wanted().size(), 2u);
  chat->take_history(wanted()[1].row, some());
  chat->history_ended(wanted()[1].row, {});
  EXPECT_EQ(receipts("hist_sync"), std::vector<std::string>{"H1"});
}

TEST_F(HistoryTest, WhatCanNotBeHadIsAskedOfThePhoneInAWayThatItCanRead) {
  tell("H1", uploaded());
  chat->history_ended(wanted()[0].row, fail(Cause::not_found));
  commit();
  ASSERT_EQ(receipts("server-error"), std::vector<std::string>{"H1"});
  EXPECT_TRUE(receipts("hist_sync").empty());
  const wire::Node& asked = last("receipt");
  EXPECT_EQ(asked.attr("to"), "4911@s.whatsapp.net");
  EXPECT_EQ(asked.attr("category"), "peer");
  const Bytes key = crypto::hkdf_sha256({}, Bytes(32, 9), as_bytes("WhatsApp Media Retry Notification"), 32);
  const auto opened = crypto::aes_gcm_open(key, asked.path({"encrypt", "enc_iv"})->bytes(), as_bytes("H1"),
                                           asked.path({"encrypt", "enc_p"})->bytes());
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, (Bytes{0x0a, 2, 'H', '1'}));
  relink();
  EXPECT_EQ(receipts("server-error").size(), 2u) << "nobody knows whether the phone has heard it";
  EXPECT_EQ(wanted().size(), 1u);
  tell("H2", uploaded());  // it has
  EXPECT_EQ(wanted().size(), 2u);
  relink();
  EXPECT_EQ(receipts("server-error").size(), 2u);
}

TEST_F(HistoryTest, APhoneIsNotAskedForEver) {
  std::size_t uploads = 0;
  do {
    tell("H" + std::to_string(++uploads), uploaded());
    ASSERT_EQ(wanted().size(), uploads);
    chat->history_ended(wanted().back().row, fail(Cause::bad_mac));
  } while (store::History(*database, session).count() > 0 && uploads < 20);
  EXPECT_EQ(receipts("server-error").size(), 5u);
}

TEST_F(HistoryTest, WhatMayPassIsTriedAgainLaterAndLater) {
  tell("H1", uploaded());
  Millis before = 0;
  for (std::size_t tries = 1; tries < 4; ++tries) {
    ASSERT_EQ(wanted().size(), tries);
    chat->history_ended(wanted().back().row, fail(Cause::link_lost));
    ASSERT_TRUE(chat->next_wake());
    EXPECT_GT(*chat->next_wake() - context->now.mono, before);
    before = *chat->next_wake() - context->now.mono;
    context->now.mono = *chat->next_wake();
    chat->wake();
    commit();
  }
  EXPECT_TRUE(receipts("server-error").empty());
}

TEST_F(HistoryTest, AFileThatNobodyGivesOrDeniesHoldsUpNoOther) {
  tell("H1", uploaded(1));
  tell("H2", uploaded(2));
  chat->history_ended(wanted().back().row, fail(Cause::link_lost));
  ASSERT_EQ(wanted().size(), 2u);
  EXPECT_NE(wanted()[1].row, wanted()[0].row);
  chat->history_ended(wanted().back().row, {});
  EXPECT_EQ(receipts("hist_sync"), std::vector<std::string>{"H2"});
  EXPECT_EQ(wanted().size(), 2u);
  context->now.mono = *chat->next_wake();
  chat->wake();
  commit();
  ASSERT_EQ(wanted().size(), 3u);
  EXPECT_EQ(wanted()[2].row, wanted()[0].row);
  chat->history_ended(wanted()[2].row, {});
  EXPECT_EQ(receipts("hist_sync"), (std::vector<std::string>{"H2", "H1"}));
  EXPECT_FALSE(chat->next_wake());
}

TEST_F(HistoryTest, NothingIsReadWhileTheAccountBeforeIsErased) {
  database->prepare("INSERT INTO erasing (session_id, whole, message_seq) VALUES (?, 0, 0)")
      .bind(session)
      .run();
  wa_HistorySyncNotification told{};
  told.initialHistBootstrapInlinePayload = {1, 2, 3};
  tell("H1", told);
  EXPECT_TRUE(wanted().empty());
  while (store::erase_step(*database, 100) > 0) {
  }
  ASSERT_TRUE(chat->next_wake());
  context->now.mono = *chat->next_wake();
  chat->wake();
  commit();
  EXPECT_EQ(wanted().size(), 1u);
}

TEST_F(HistoryTest, WhatNobodyGivesOrDeniesForADayIsToBeUploadedAgain) {
  tell("H1", uploaded());
  const Millis begin = context->now.mono;
  while (receipts("server-error").empty() && context->now.mono < begin + 7 * kDay) {
    chat->history_ended(wanted().back().row, fail(Cause::link_lost));
    if (const auto next = chat->next_wake()) context->now.mono = *next;
    chat->wake();
    commit();
  }
  EXPECT_GT(context->now.mono, begin + 18 * kHour);
  EXPECT_LT(context->now.mono, begin + 48 * kHour);
  EXPECT_EQ(store::History(*database, session).all(store::HistoryRow::State::asked).size(), 1u);
}

TEST_F(HistoryTest, KindsWithoutAContentAreHeardOf) {
  wa_HistorySyncNotification told{};
  told.has_syncType = true;
  told.syncType = 7;  // NO_HISTORY
  tell("H1", told);
  told.directPath = "https://elsewhere.example/file";  // no path
  told.mediaKey = Bytes(32, 1);
  tell("H2", told);
  EXPECT_TRUE(wanted().empty());
  EXPECT_EQ(receipts("hist_sync"), (std::vector<std::string>{"H1", "H2"}));
}

TEST_F(HistoryTest, NobodyElseTellsUsOne) {
  greet(*alice->devices[0], jid("9911:7@lid"));
  wa_Message inner{};
  inner.has_protocolMessage = true;
  inner.protocolMessage.has_type = true;
  inner.protocolMessage.type = wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION;
  inner.protocolMessage.has_historySyncNotification = true;
  inner.protocolMessage.historySyncNotification = uploaded();
  handle(message("X", alice->lid, alice->devices[0]->seal(jid("9911:7@lid"), wire::proto::encode(inner))));
  EXPECT_TRUE(wanted().empty());
  EXPECT_EQ(store::History(*database, session).count(), 0u);
}

TEST_F(HistoryTest, KeysOfTheAppStateAreKept) {
  wa_Message inner{};
  inner.has_protocolMessage = true;
  inner.protocolMessage.has_type = true;
  inner.protocolMessage.type = wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_SHARE;
  inner.protocolMessage.has_appStateSyncKeyShare = true;
  for (const std::size_t size : {32u, 31u}) {
    wa_AppStateSyncKey key{};
    key.has_keyID = key.has_keyData = key.keyData.has_fingerprint = key.keyData.has_timestamp = true;
    key.keyID.keyID = {0, 0, 0, 0, 0, static_cast<std::uint8_t>(size)};
    key.keyData.keyData = Bytes(size, 3);
    key.keyData.timestamp = 12345;
    inner.protocolMessage.appStateSyncKeyShare.keys.push_back(std::move(key));
  }
  from_phone("K1", inner);
  const auto keys = store::History(*database, session).app_state_keys();
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].key, Bytes(32, 3));
  EXPECT_EQ(keys[0].timestamp, 12345);
}

}  // namespace
}  // namespace pigeond::engine
