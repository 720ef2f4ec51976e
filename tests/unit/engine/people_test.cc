// What is asked about people, and what is kept and told of them.
#include <algorithm>
#include <sstream>
#include "engine/messages/desk.h"
#include "engine/questions/call.h"
#include "engine/questions/number.h"
#include "engine/questions/own/disappearing_mode.h"
#include "engine/questions/own/privacy_settings.h"
#include "engine/questions/own/profile.h"
#include "engine/questions/people/blocklist.h"
#include "engine/questions/people/business_profile.h"
#include "engine/questions/seen.h"

#include "store/account/people.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class PeopleTest : public ChatTest {
 protected:
  template <typename Event>
  std::vector<Event> told() {
    std::vector<Event> out;
    for (const auto& effect : std::exchange(context->effects, {}))
      if (const auto* event = std::get_if<Event>(&effect)) out.push_back(*event);
    return out;
  }
  // As the answer to the last question of that kind.
  void answers(const char* xmlns, Result<wire::Node> answer) {
    service.account_answers[xmlns] = [answer](const wire::Node&) { return answer; };
  }
  static wire::Node iq(wire::Node child) { return wire::Node("iq").add(std::move(child)); }
};

// --- numbers ---

class Numbers : public PeopleTest {
 protected:
  Result<std::vector<Number>> look_up(const std::vector<std::string>& digits, bool anew = false) {
    std::optional<Result<std::vector<Number>>> told;
    ask_numbers(chat->desk(), digits, anew, [&](Result<std::vector<Number>> answer) { told = answer; });
    EXPECT_TRUE(told);
    return told.value_or(fail(Cause::internal));
  }
};

TEST_F(Numbers, ManyAreAskedForAtOnceAndAnsweredInTheirOrder) {
  add_person("4933000", "9933", {0});
  const auto asked = service.queries.size();
  const auto numbers = look_up({"4944000", "4933000", "4944000", "4955000"});
  ASSERT_TRUE(numbers);
  ASSERT_EQ(numbers->size(), 4u);
  EXPECT_EQ((*numbers)[1].pn, jid("4933000@s.whatsapp.net"));
  EXPECT_EQ((*numbers)[1].lid, jid("9933@lid"));
  for (const int i : {0, 2, 3}) EXPECT_FALSE((*numbers)[i].exists) << i;
  ASSERT_EQ(service.queries.size(), asked + 1);
  EXPECT_EQ(service.queries.back().path({"usync", "list"})->children().size(), 3u) << "each once";
}

TEST_F(Numbers, WhatTheServiceSaidIsRememberedForATimeThatDependsOnIt) {
  add_person("4933000", "9933", {0});
  static_cast<void>(look_up({"4933000", "4944000"}));
  const auto asked = service.queries.size();
  static_cast<void>(look_up({"4933000", "4944000"}));
  EXPECT_EQ(service.queries.size(), asked);
  context->now.mono += Lookups::kMissing;
  static_cast<void>(look_up({"4933000", "4944000"}));
  ASSERT_EQ(service.queries.size(), asked + 1) << "who was not there may have come";
  EXPECT_EQ(service.queries.back().path({"usync", "list"})->children().size(), 1u);
  static_cast<void>(look_up({"4933000"}, true));
  EXPECT_EQ(service.queries.size(), asked + 2);
  context->now.mono += Lookups::kFound;
  static_cast<void>(look_up({"4933000"}));
  EXPECT_EQ(service.queries.size(), asked + 3);
}

TEST_F(Numbers, AServiceThatLimitsThemIsNotTakenToKnowNobody) {
  wire::Node error("error"), contact("contact"), result("result"), usync("usync");
  contact.add(error.set("code", "429").set("text", "rate-overlimit"));
  usync.add(result.add(std::move(contact)));
  service.usync_answer = iq(std::move(usync));
  const auto numbers = look_up({"4944000"});
  ASSERT_FALSE(numbers);
  EXPECT_EQ(numbers.cause(), Cause::rate_limited);
  EXPECT_EQ(numbers.error().code, 429);
  service.usync_answer.reset();
  add_person("4944000", "9944", {0});
  EXPECT_TRUE(look_up({"4944000"})->front().exists);
}

TEST_F(Numbers, WhatIsNoNumberIsAskedOfNobody) {
  const auto asked = service.queries.size();
  for (const char* wrong : {"", "1234", "12a45678", "123456789012345678901"})
    EXPECT_EQ(look_up({"4933000", wrong}).cause(), Cause::bad_input) << wrong;
  EXPECT_EQ(service.queries.size(), asked);
}

// --- the blocklist ---

class BlocklistTest : public PeopleTest {
 protected:
  Result<bool> set(const char* who, bool blocked) {
    std::optional<Result<bool>> told;
    set_blocked(chat->desk(), jid(who), blocked, [&](Result<bool> done) { told = done; });
    EXPECT_TRUE(told);
    return told.value_or(fail(Cause::internal));
  }
  const wire::Node& item() { return *service.account_queries.back().child("item"); }
};

TEST_F(BlocklistTest, SomebodyIsBlockedByHisLidAndHisNumberAndUnblockedByHisLid) {
  for (const char* form : {"4922@s.whatsapp.net", "9922@lid"}) {
    ASSERT_TRUE(set(form, true)) << form;
    EXPECT_EQ(item().attr("action"), "block");
    EXPECT_EQ(item().jid("jid"), jid("9922@lid"));
    EXPECT_EQ(item().jid("pn_jid"), jid("4922@s.whatsapp.net"));
    ASSERT_TRUE(set(form, false));
    EXPECT_EQ(item().attr("action"), "unblock");
    EXPECT_EQ(item().jid("jid"), jid("9922@lid"));
    EXPECT_FALSE(item().has("pn_jid"));
  }
}

TEST_F(BlocklistTest, AListThatAnotherDeviceHasChangedMeanwhileIsChangedOnceMore) {
  int tries = 0;
  service.account_answers["blocklist"] = [&](const wire::Node&) -> Result<wire::Node> {
    return ++tries == 1 ? Result<wire::Node>(fail(Cause::ack_error, "conflict", 409)) : wire::Node("iq");
  };
  EXPECT_TRUE(set("9922@lid", true));
  EXPECT_EQ(tries, 2);
  answers("blocklist", fail(Cause::ack_error, "conflict", 409));
  const auto before = service.account_queries.size();
  EXPECT_EQ(set("9922@lid", true).error().code, 409);
  EXPECT_EQ(service.account_queries.size(), before + 2);
}

TEST_F(BlocklistTest, NobodyBlocksHimselfOrWhoIsNotThere) {
  EXPECT_EQ(set("4911@s.whatsapp.net", true).cause(), Cause::bad_input);
  EXPECT_EQ(set("4999000@s.whatsapp.net", true).cause(), Cause::not_on_whatsapp);
  EXPECT_TRUE(service.account_queries.empty() || !service.account_queries.back().is("xmlns", "blocklist"));
}

TEST_F(BlocklistTest, IsReadInBothFormsAndWhatMakesNoSenseIsLeftOut) {
  wire::Node list("list");
  list.set("dhash", "x");
  for (const char* who : {"9922@lid", "12-34@g.us", "9977@lid"})
    list.add(wire::Node("item").set("jid", jid(who)));
  list.add(wire::Node("item"));
  chat->desk().lids.learn(jid("9922@lid"), jid("4922@s.whatsapp.net"));
  for (const bool bare : {false, true}) {
    wire::Node answer("iq");
    if (bare)
      for (const auto& child : list.children()) answer.add(child);
    else
      answer.add(list);
    answers("blocklist", answer);
    std::vector<Blocked> blocked;
    ask_blocklist(chat->desk(), [&](Result<std::vector<Blocked>> told) { blocked = *told; });
    ASSERT_EQ(blocked.size(), 2u);
    EXPECT_EQ(blocked[0].pn, jid("4922@s.whatsapp.net"));
    EXPECT_EQ(blocked[1].lid, jid("9977@lid"));
    EXPECT_TRUE(blocked[1].pn.empty());
  }
}

// --- what is said of people, and of the account ---

TEST_F(PeopleTest, ABusinessIsToldFromSomebodyElse) {
  const auto ask = [&] {
    std::optional<BusinessProfile> told;
    ask_business_profile(chat->desk(), jid("4922@s.whatsapp.net"),
                         [&](Result<std::optional<BusinessProfile>> found) { told = *found; });
    return told;
  };
  wire::Node page("profile"), hours("business_hours"), day("business_hours_config"), none("business_profile");
  page.add(wire::Node("description").body(as_bytes("Bread")));
  page.add(wire::Node("website").body(as_bytes("https://a.example/")));
  page.add(wire::Node("website").body(as_bytes("\xff")));
  day.set("day_of_week", "mon")
      .set("mode", "specific_hours")
      .set("open_time", "540")
      .set("close_time", "99999");
  page.add(hours.set("timezone", "Europe/Berlin").add(std::move(day)));
  wire::Node all = none;
  answers("w:biz", iq(all.add(std::move(page))));
  const auto business = ask();
  ASSERT_TRUE(business);
  EXPECT_EQ(business->description, "Bread");
  EXPECT_EQ(business->websites, std::vector<std::string>{"https://a.example/"});
  ASSERT_EQ(business->hours.size(), 1u);
  EXPECT_EQ(business->hours[0].open, 540);
  EXPECT_EQ(business->hours[0].close, std::nullopt);
  answers("w:biz", iq(none));
  EXPECT_FALSE(ask());
  answers("w:biz", wire::Node("iq"));
  EXPECT_FALSE(ask());
}

TEST_F(PeopleTest, PrivacyIsSetStepByStepAndWhatIsRefusedEndsIt) {
  wire::Node settings("privacy");
  settings.add(wire::Node("category").set("name", "last").set("value", "none"));
  settings.add(wire::Node("category").set("name", "odd").set("error", "1"));
  answers("privacy", iq(settings));
  const auto set = [&] {
    std::vector<std::string> names;
    for (const auto& query : std::exchange(service.account_queries, {}))
      if (query.is("xmlns", "privacy") && query.is("type", "set"))
        names.push_back(query.path({"privacy", "category"})->attr("name"));
    return names;
  };
  std::optional<Result<PrivacySettings>> told;
  const auto wanted = std::vector<std::pair<std::string, std::string>>{{"last", "none"}, {"online", "all"}};
  set_privacy(chat->desk(), wanted, [&](Result<PrivacySettings> all) { told = all; });
  ASSERT_TRUE(told && *told);
  EXPECT_EQ(**told, (PrivacySettings{{"last", "none"}}));
  EXPECT_EQ(set(), (std::vector<std::string>{"last", "online"}));
  answers("privacy", fail(Cause::ack_error, "bad-request", 400));
  set_privacy(chat->desk(), wanted, [&](Result<PrivacySettings> all) { told = all; });
  EXPECT_EQ(told->error().code, 400);
  EXPECT_EQ(set(), std::vector<std::string>{"last"});
}

TEST_F(PeopleTest, ReadReceiptsThatAreHiddenByAProgramAreHiddenAtOnce) {
  wire::Node settings("privacy");
  answers("privacy",
          iq(settings.add(wire::Node("category").set("name", "readreceipts").set("value", "none"))));
  set_privacy(chat->desk(), {{"readreceipts", "none"}}, [](const Result<PrivacySettings>&) {});
  const auto asked = service.account_queries.size();
  std::optional<bool> shows;
  chat->desk().privacy.shows_reads([&](Result<bool> answer) { shows = *answer; });
  EXPECT_EQ(shows, false);
  EXPECT_EQ(service.account_queries.size(), asked);
}

TEST_F(PeopleTest, AnotherNameIsSaidWithoutShowingAnybodyOnline) {
  context->credentials.push_name = "Shop";
  std::optional<Result<bool>> told;
  set_own_name(chat->desk(), "Bakery", [&](Result<bool> done) { told = done; });
  ASSERT_TRUE(told && *told);
  EXPECT_EQ(last("presence").attr("name"), "Bakery");
  EXPECT_FALSE(last("presence").has("type"));
  EXPECT_EQ(store::CredentialsTable(*database, session).load()->push_name, "Bakery");
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  set_own_name(chat->desk(), "Again", [&](Result<bool> done) { told = done; });
  EXPECT_EQ(told->cause(), Cause::link_lost);
  EXPECT_EQ(context->credentials.push_name, "Bakery");
}

TEST_F(PeopleTest, ATimerIsReadAndOneThatIsNoneIsNot) {
  const auto ask = [&](const char* duration) {
    wire::Node mode("disappearing_mode"), user("user"), list("list"), usync("usync");
    user.add(mode.set("duration", duration).set("t", "1700000000"));
    usync.add(list.add(std::move(user)));
    service.usync_answer = iq(std::move(usync));
    std::optional<Result<DisappearingMode>> told;
    ask_disappearing_mode(chat->desk(), [&](Result<DisappearingMode> answer) { told = answer; });
    return *told;
  };
  EXPECT_EQ(ask("86400")->seconds, 86400);
  EXPECT_EQ(ask("0")->seconds, 0);
  EXPECT_EQ(ask("99999999999999").cause(), Cause::malformed);
  EXPECT_EQ(service.queries.back().path({"usync", "list", "user"})->attr("jid"), "4911@s.whatsapp.net");
}

// --- receipts ---

TEST_F(PeopleTest, EachRecipientsReceiptIsKeptWithItsTime) {
  store::MessageRow row;
  row.id = "M1";
  row.chat = jid("12-34@g.us");
  row.sender = credentials.pn;
  row.from_me = true;
  row.type = "text";
  row.ack = 1;
  const auto seq = chat->desk().messages.insert(row);
  const auto receipt = [&](const char* who, const char* type, const char* time) {
    wire::Node node("receipt");
    node.set("from", jid("12-34@g.us"))
        .set("participant", jid(who))
        .set("id", "M1")
        .set("type", type)
        .set("t", time);
    chat->handle(node);
  };
  chat->desk().lids.learn(jid("9922@lid"), jid("4922@s.whatsapp.net"));
  receipt("4922:5@s.whatsapp.net", "", "1700000010");
  receipt("9922@lid", "", "1700000011");
  receipt("4922@s.whatsapp.net", "read", "1700000020");
  receipt("9933@lid", "played", "1700000030");
  receipt("9944@lid", "inactive", "1700000040");
  commit();
  const auto rows = chat->desk().receipts.of(seq);
  ASSERT_GE(rows.size(), 2u);
  const auto* played = &rows.back();
  EXPECT_EQ(played->user, jid("9933@lid"));
  EXPECT_EQ(played->played, 1700000030);
  EXPECT_EQ(played->delivered, 0);
  EXPECT_EQ(played->ack(), 4);
  bool found = false;
  for (const auto& each : rows)
    if (each.read == 1700000020) found = each.delivered == 1700000010;
  EXPECT_TRUE(found);
  database->prepare("DELETE FROM message WHERE seq = ?").bind(seq).run();
  EXPECT_TRUE(chat->desk().receipts.of(seq).empty()) << "they go with their message";
}

TEST_F(PeopleTest, AVoiceMessageIsPlayedOnce) {
  store::MessageRow row;
  row.id = "V1";
  row.chat = jid("9922@lid");
  row.sender = jid("9922@lid");
  row.type = "ptt";
  row.ack = 2;
  chat->desk().messages.insert(row);
  wire::Node settings("privacy");
  answers("privacy",
          iq(settings.add(wire::Node("category").set("name", "readreceipts").set("value", "all"))));
  const auto play = [&](const char* id) {
    std::optional<Seen> told;
    mark_played(chat->desk(), jid("9922@lid"), id, [&](Result<std::optional<Seen>> seen) { told = *seen; });
    return told;
  };
  EXPECT_FALSE(play("V2"));
  ASSERT_TRUE(play("V1"));
  EXPECT_EQ(last("receipt").attr("type"), "played");
  EXPECT_EQ(last("receipt").attr("id"), "V1");
  const auto receipts = sent("receipt").size();
  EXPECT_TRUE(play("V1"));
  EXPECT_EQ(sent("receipt").size(), receipts);
}

// --- calls ---

class CallRejection : public PeopleTest {
 protected:
  void ring(const char* id) {
    wire::Node offer("offer"), stanza("call");
    offer.set("call-id", id).set("call-creator", jid("9922:3@lid"));
    stanza.set("from", jid("9922@lid")).set("id", "S1").set("t", "1700000000").add(std::move(offer));
    chat->handle(stanza);
  }
  void end(const char* id, const char* reason) {
    wire::Node terminate("terminate"), stanza("call");
    terminate.set("call-id", id).set("call-creator", jid("9922:3@lid")).set("reason", reason);
    stanza.set("from", jid("9922@lid")).set("id", "S2").set("t", "1700000005").add(std::move(terminate));
    chat->handle(stanza);
  }
  Rejection reject(const char* from, const char* id) {
    std::optional<Rejection> told;
    reject_call(chat->desk(), jid(from), id, [&](Result<Rejection> done) { told = *done; });
    return told.value_or(Rejection::unknown);
  }
};

TEST_F(CallRejection, IsSaidToTheServiceAndToldOnceWhateverIsHeardLater) {
  ring("C1");
  EXPECT_EQ(told<CallEvent>().size(), 1u);
  EXPECT_EQ(reject("4933@s.whatsapp.net", "C1"), Rejection::of_somebody);
  EXPECT_EQ(reject("9922@lid", "C2"), Rejection::unknown);
  EXPECT_TRUE(sent("call").empty());
  EXPECT_EQ(reject("9922@lid", "C1"), Rejection::done);
  const wire::Node& stanza = last("call");
  EXPECT_EQ(stanza.jid("to"), jid("9922@lid"));
  EXPECT_TRUE(stanza.has("id"));
  EXPECT_EQ(stanza.child("reject")->attr("call-id"), "C1");
  EXPECT_EQ(stanza.child("reject")->jid("call-creator"), jid("9922@lid"));
  EXPECT_EQ(stanza.child("reject")->attr("count"), "0");
  const auto events = told<CallEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].what, CallEvent::What::rejected);
  end("C1", "accepted_elsewhere");
  end("C1", "timeout");
  EXPECT_TRUE(told<CallEvent>().empty());
  EXPECT_EQ(reject("9922@lid", "C1"), Rejection::over);
}

TEST_F(CallRejection, WhatIsOverIsNotDeclined) {
  ring("C1");
  end("C1", "accepted_elsewhere");
  EXPECT_EQ(reject("9922@lid", "C1"), Rejection::over);
  EXPECT_TRUE(sent("call").empty());
}

// --- identity ---

class IdentityTest : public PeopleTest {
 protected:
  void heard_by_lid(const char* lid, bool by_lid) {
    store::MessageRow row;
    row.id = lid;
    row.chat = row.sender = jid(lid);
    row.type = "text";
    row.by_lid = by_lid;
    chat->desk().messages.insert(row);
  }
  void modified(const char* attributes) {
    wire::Node modify("modify"), note("notification");
    std::istringstream in(attributes);
    for (std::string name, value; in >> name >> value;) modify.set(name, jid(value));
    note.set("from", wire::service()).set("type", "contacts").set("id", "N1").set("t", "1700000000");
    chat->handle(note.add(std::move(modify)));
  }
};

TEST_F(IdentityTest, TheNumberOfSomebodyWhoWasToldByHisLidIsAnEvent) {
  heard_by_lid("9955@lid", true);
  heard_by_lid("9966@lid", false);
  for (const char* user : {"55", "66", "77"})
    chat->desk().lids.learn(wire::lid("99" + std::string(user)), wire::pn("49" + std::string(user)));
  chat->desk().lids.learn(jid("9955@lid"), jid("4955@s.whatsapp.net"));
  const auto events = told<IdentityEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].what, IdentityEvent::What::mapped);
  EXPECT_EQ(events[0].lid, jid("9955@lid"));
  EXPECT_EQ(events[0].pn, jid("4955@s.whatsapp.net"));
}

TEST_F(IdentityTest, WhoChangesHisNumberKeepsHisNameAndIsToldInAllForms) {
  chat->desk().names.heard(jid("4955@s.whatsapp.net"), "Ann");
  modified("old 4955@s.whatsapp.net new 4956@s.whatsapp.net old_lid 9955@lid new_lid 9956@lid");
  const auto events = told<IdentityEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].what, IdentityEvent::What::moved);
  EXPECT_EQ(events[0].pn, jid("4956@s.whatsapp.net"));
  EXPECT_EQ(events[0].lid, jid("9956@lid"));
  EXPECT_EQ(events[0].former_pn, jid("4955@s.whatsapp.net"));
  EXPECT_EQ(events[0].former_lid, jid("9955@lid"));
  EXPECT_EQ(events[0].timestamp, 1700000000);
  for (const char* form : {"4956@s.whatsapp.net", "9956@lid"}) {
    const auto person = store::People(*database, session).find(jid(form));
    EXPECT_EQ(person.name, "Ann") << form;
    EXPECT_EQ(person.pn, jid("4956@s.whatsapp.net"));
  }
}

TEST_F(IdentityTest, AChangeThatIsNoneIsNotTold) {
  for (const char* wrong : {"", "old 4955@s.whatsapp.net", "old 4955@s.whatsapp.net new 4955@s.whatsapp.net",
                            "old 9955@lid new 9956@lid", "old 4911@s.whatsapp.net new 4956@s.whatsapp.net"})
    modified(wrong);
  EXPECT_TRUE(told<IdentityEvent>().empty());
}

TEST_F(IdentityTest, PeopleAreListedOnceInWhateverFormTheyWereHeardOf) {
  auto& desk = chat->desk();
  desk.names.heard(jid("4955@s.whatsapp.net"), "Zoe");
  desk.names.heard(jid("9966@lid"), "Ann");
  desk.names.heard(jid("4977@s.whatsapp.net"), "Max");
  desk.names.heard(jid("4911@s.whatsapp.net"), "the account itself");
  desk.names.heard(jid("4977@s.whatsapp.net"), std::string(1000, 'x'));
  desk.names.heard(jid("4977@s.whatsapp.net"), "\xff");
  desk.lids.learn(jid("9955@lid"), jid("4955@s.whatsapp.net"));
  store::People people(*database, session);
  using By = store::People::By;
  std::vector<std::string> names;
  for (const auto& person : people.page(By::name, false, 100, 0))
    if (!person.name.empty()) names.push_back(person.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Ann", "Max", "Zoe"}));
  const auto all = people.page(By::id, false, 100, 0);
  EXPECT_EQ(std::ranges::count(all, "Zoe", &store::Person::name), 1);
  for (const auto& person : all)
    if (person.name == "Zoe") {
      EXPECT_EQ(person.lid, jid("9955@lid"));
      EXPECT_EQ(person.pn, jid("4955@s.whatsapp.net"));
    }
  const auto backwards = people.page(By::id, true, 100, 0);
  ASSERT_EQ(backwards.size(), all.size());
  EXPECT_EQ(people.page(By::id, false, 1, 1).front().name, all[1].name);
  EXPECT_EQ(people.find(jid("4955@s.whatsapp.net")).lid, jid("9955@lid"));
  EXPECT_EQ(people.find(jid("123456@lid")).lid, jid("123456@lid"));
}

}  // namespace
}  // namespace pigeond::engine
