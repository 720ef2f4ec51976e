// What people show of themselves, and to whom.
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class Profile : public SandboxTest {
 protected:
  static constexpr const char* kCarol = "4915110000003";
  static wire::Jid carol() { return wire::pn(kCarol); }

  void add_carol(bool shows_nobody) {
    NewAccount account;
    account.phone = kCarol;
    account.about = "At the dovecote";
    account.picture = "https://pps.whatsapp.net/v/1.jpg";
    account.shows_nobody = shows_nobody;
    ASSERT_TRUE(service->add_account(now, account));
  }
  wire::Node picture_of(ScriptedClient& who, const wire::Jid& target) {
    wire::Node iq =
        who.iq("get", "w:profile:picture", wire::Node("picture").set("type", "image").set("query", "url"));
    iq.set("target", target);
    return ask(who, iq);
  }
  wire::Node about_of(ScriptedClient& who, const wire::Jid& target) {
    wire::Node query("query"), list("list"), usync("usync");
    query.add(wire::Node("status"));
    list.add(wire::Node("user").set("jid", target));
    usync.set("sid", "1")
        .set("mode", "query")
        .set("last", "true")
        .set("index", "0")
        .set("context", "interactive");
    usync.add(std::move(query)).add(std::move(list));
    const wire::Node answer = ask(who, who.iq("get", "usync", std::move(usync)));
    const auto* status = answer.path({"usync", "list", "user", "status"});
    return status == nullptr ? wire::Node("none") : *status;
  }
};

TEST_F(Profile, IsShownToOthers) {
  add_carol(false);
  ScriptedClient& who = linked(kAlice);
  EXPECT_EQ(about_of(who, carol()).text(), "At the dovecote");
  const wire::Node answer = picture_of(who, carol());
  ASSERT_NE(answer.child("picture"), nullptr);
  EXPECT_TRUE(answer.child("picture")->is("url", "https://pps.whatsapp.net/v/1.jpg"));
  EXPECT_TRUE(about_of(who, bob()).bytes().empty());
  EXPECT_TRUE(picture_of(who, bob()).child("error")->is("code", "404"));
}

TEST_F(Profile, IsHiddenFromOthersWhereItsOwnerWantsThat) {
  add_carol(true);
  ScriptedClient& who = linked(kAlice);
  EXPECT_TRUE(about_of(who, carol()).is("code", "401"));
  EXPECT_TRUE(picture_of(who, carol()).child("error")->is("code", "401"));
  ScriptedClient& own = linked(kCarol);
  EXPECT_EQ(about_of(own, carol()).text(), "At the dovecote");
  EXPECT_NE(picture_of(own, carol()).child("picture"), nullptr);
}

}  // namespace
}  // namespace pigeond::sandbox
