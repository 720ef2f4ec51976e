// The number that was dialled, and the account that the service names for it.
#include "engine/messages/desk.h"
#include "engine/questions/number.h"
#include "store/account/dialled_numbers.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

constexpr const char* kNumber = "5511987650001";
constexpr const char* kDialled = "5511987650001@s.whatsapp.net";

class DialledTest : public ChatTest {
 protected:
  DialledTest() {
    send("4922@s.whatsapp.net", "so that our own devices are known");
    ack(last("message").attr("id"));
    carol = add_person("551187650001", "9955", {0, 3});
    leads_to(*carol);
    context->effects.clear();
    service.sent.clear();
    service.queries.clear();
  }

  // Whatever is looked up.
  void leads_to(const Person& person) {
    wire::Node user("user"), contact("contact"), lid("lid"), list("list"), usync("usync"), result("iq");
    contact.set("type", "in");
    contact.content = "+" + std::string(kNumber);
    lid.set("val", person.lid);
    wire::Node devices("devices"), device_list("device-list");
    for (const auto id : person.listed_devices)
      device_list.add(wire::Node("device").set("id", std::uint64_t{id}).set("key-index", std::uint64_t{id}));
    devices.add(std::move(device_list));
    user.set("jid", person.pn);
    user.add(std::move(contact)).add(std::move(lid)).add(std::move(devices));
    service.usync_answer = result.add(usync.add(list.add(std::move(user))));
  }
  void nobody() {
    wire::Node user("user"), list("list"), usync("usync"), result("iq");
    user.add(wire::Node("contact").set("type", "out"));
    service.usync_answer = result.add(usync.add(list.add(std::move(user))));
  }
  void send_at_once(const std::string& id) {
    Send request{1, jid(kDialled), id, text_content("text"), {}, {}};
    request.told_at_once = true;
    chat->send(std::move(request));
    commit();
  }
  void acknowledge(const std::string& id) {
    wire::Node node("ack");
    handle(node.set("class", "message").set("id", id).set("from", carol->lid).set("t", "1700000005"));
  }
  std::vector<std::string> told() const {
    std::vector<std::string> chats;
    for (const auto& event : effects<MessageEvent>()) chats.push_back(event.chat.text());
    return chats;
  }
  std::size_t lookups() const {
    std::size_t count = 0;
    for (const auto& query : service.queries)
      if (query.is("xmlns", "usync")) count += query.path({"usync", "query"})->child("contact") != nullptr;
    return count;
  }
  store::MessageRow row(const std::string& id) { return chat->desk().messages.heads(id).at(0); }
  std::optional<wire::Jid> remembered() {
    return store::DialledNumbers(*database, session).account_of(kNumber);
  }

  Person* carol = nullptr;
};

TEST_F(DialledTest, AMessageIsTheAccountsAndIsToldWhenThatIsNamed) {
  service.hold = true;
  send(kDialled, "text", 1, "A1");
  EXPECT_TRUE(told().empty()) << "its id would name somebody else";
  service.hold = false;
  service.release();
  commit();
  EXPECT_EQ(told(), std::vector{carol->pn.text()});
  EXPECT_EQ(last("message").attr("to"), carol->lid.text());
  acknowledge("A1");
  EXPECT_EQ(effects<SendDone>().at(0).chat, carol->pn);
  EXPECT_EQ(effects<AckEvent>().at(0).told_chat, carol->pn);
  EXPECT_EQ(row("A1").chat, carol->lid);
  EXPECT_TRUE(row("A1").dialled.empty());
}

TEST_F(DialledTest, WhatWasNamedIsRememberedInTheDatabase) {
  send(kDialled, "text", 1, "A1");
  acknowledge("A1");
  EXPECT_EQ(remembered(), carol->pn);
  start();
  send(kDialled, "again", 2, "A2");
  acknowledge("A2");
  EXPECT_EQ(lookups(), 1u);
  EXPECT_EQ(told(), (std::vector{carol->pn.text(), carol->pn.text()}));
  EXPECT_EQ(effects<SendDone>().size(), 2u);
}

TEST_F(DialledTest, ANumberThatIsGivenBackAsItWasIsNeverWrittenOtherwise) {
  Person* plain = add_person(kNumber, "9966", {0});
  leads_to(*plain);
  send(kDialled, "text", 1, "A1");
  EXPECT_EQ(told(), std::vector<std::string>{kDialled});
  EXPECT_FALSE(remembered());
}

TEST_F(DialledTest, ACheckNamesTheAccountForWhatIsSentLater) {
  std::optional<Number> number;
  ask_number(chat->desk(), kNumber, [&](Result<Number> answer) { number = *answer; });
  EXPECT_EQ(number->pn, carol->pn);
  EXPECT_EQ(number->lid, carol->lid);
  send(kDialled, "text", 1, "A1");
  EXPECT_EQ(lookups(), 1u);
  EXPECT_EQ(told(), std::vector{carol->pn.text()});
}

TEST_F(DialledTest, AnIdThatWasToldStaysThoughAllElseIsTheAccounts) {
  send_at_once("A1");
  EXPECT_EQ(told(), std::vector<std::string>{kDialled});
  acknowledge("A1");
  const auto done = effects<AckEvent>().at(0);
  EXPECT_EQ(done.chat, carol->pn);
  EXPECT_EQ(done.told_chat.text(), kDialled);
  EXPECT_EQ(row("A1").chat, carol->lid);
  // And it is the same message for who asks again, whichever way.
  for (const std::string& to : {std::string(kDialled), carol->pn.text(), carol->lid.text()}) {
    context->effects.clear();
    send(to, "text", 7, "A1");
    ASSERT_EQ(effects<SendDone>().size(), 1u);
    EXPECT_TRUE(effects<SendDone>()[0].ack.ok()) << to;
  }
}

TEST_F(DialledTest, WhoIsAnsweredBeforeTheServiceHasSpokenIsToldTheDialledNumber) {
  service.hold = true;
  send(kDialled, "text", 1, "A1");
  chat->tell("A1");
  chat->tell("A1");
  commit();
  EXPECT_EQ(told(), std::vector<std::string>{kDialled});
  service.hold = false;
  service.release();
  acknowledge("A1");
  EXPECT_EQ(told().size(), 1u);
  EXPECT_EQ(effects<AckEvent>().at(0).told_chat.text(), kDialled);
}

TEST_F(DialledTest, ItIsToldOnceAlsoWhenTheLinkOrTheProcessEndsMeanwhile) {
  service.hold = true;
  send(kDialled, "text", 1, "A1");
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  commit();
  EXPECT_TRUE(told().empty());
  service.hold = false;
  service.is_online = true;
  start();
  commit();
  EXPECT_EQ(told(), std::vector{carol->pn.text()});
  start();
  commit();
  EXPECT_EQ(told().size(), 1u);
}

TEST_F(DialledTest, ItIsToldBeforeItsEnd) {
  service.hold = true;
  send(kDialled, "text", 1, "A1");
  ASSERT_TRUE(chat->cancel("A1").ok());
  EXPECT_EQ(told(), std::vector<std::string>{kDialled});
  EXPECT_EQ(effects<AckEvent>().at(0).ack, -1);

  nobody();
  service.hold = false;
  service.held.clear();
  context->effects.clear();
  send("551100000000@s.whatsapp.net", "text", 2, "A2");
  EXPECT_EQ(told(), std::vector<std::string>{"551100000000@s.whatsapp.net"});
  EXPECT_EQ(effects<AckEvent>().at(0).cause->cause, Cause::not_on_whatsapp);
}

TEST_F(DialledTest, TheOrderOfAChatIsThatOfItsMessagesHoweverTheyAreAddressed) {
  service.hold = true;
  send(kDialled, "one", 1, "A1");
  send(carol->pn.text(), "two", 2, "A2");
  send(kDialled, "three", 3, "A3");
  service.hold = false;
  service.release();
  commit();
  std::vector<std::string> ids;
  for (const auto& node : sent("message")) ids.push_back(node.attr("id"));
  EXPECT_EQ(ids, (std::vector<std::string>{"A1", "A2", "A3"}));
  EXPECT_EQ(told(), std::vector<std::string>(3, carol->pn.text()));
}

TEST_F(DialledTest, WhereNobodyHasTheAccountsNumberAnyMoreTheDialledOneIsLookedUpAnew) {
  send(kDialled, "text", 1, "A1");
  acknowledge("A1");
  ASSERT_TRUE(remembered());
  send(kDialled, "again", 2, "A2");
  nobody();
  ack("A2", "404");  // so all that is known of the recipient is asked for anew
  ASSERT_EQ(effects<SendDone>().size(), 2u);
  EXPECT_EQ(effects<SendDone>()[1].ack.cause(), Cause::not_on_whatsapp);
  EXPECT_FALSE(remembered());
  EXPECT_EQ(chat->desk().dialled.account(jid(kDialled)).text(), kDialled);
}

}  // namespace
}  // namespace pigeond::engine
