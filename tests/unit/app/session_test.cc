// Sessions of a real gateway against the simulated service.
#include <gtest/gtest.h>

#include "world.h"

namespace pigeond::app {
namespace {

using gateway::SessionStatus;

class SessionTest : public ::testing::Test {
 protected:
  Folder folder;
  Service service;
};

TEST_F(SessionTest, GoesFromStoppedOverItsQrToWorkingAndBack) {
  Gateway gateway(service, folder.file("p.db"));
  const auto created = gateway.create("a", false);
  ASSERT_TRUE(created);
  EXPECT_EQ(created->status, SessionStatus::stopped);
  EXPECT_FALSE(created->me);
  const auto started =
      gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.start("a", reply); });
  ASSERT_TRUE(started);
  EXPECT_EQ(started->status, SessionStatus::starting);
  const auto qr = gateway.qr("a");
  ASSERT_TRUE(qr);
  EXPECT_GT(qr->expires_in, 0);
  EXPECT_EQ(gateway.status("a"), SessionStatus::scan_qr_code);
  service.scan(qr->text);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  const auto info = gateway.session("a");
  ASSERT_TRUE(info->me);
  EXPECT_EQ(info->me->pn.user, kPhone);
  EXPECT_FALSE(info->me->lid.empty());
  EXPECT_GT(info->activity, 0);
  const auto stopped =
      gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); });
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->status, SessionStatus::stopped);
  EXPECT_TRUE(stopped->me);  // still linked
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; }));
}

TEST_F(SessionTest, SendsOnceItWorksAndSaysWhyBeforeThat) {
  Gateway gateway(service, folder.file("p.db"));
  ASSERT_TRUE(gateway.create("a", false));
  const auto stopped = gateway.send("a", "too early");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.cause(), Cause::not_linked);
  EXPECT_NE(stopped.error().detail.find("STOPPED"), std::string::npos);
  EXPECT_EQ(gateway.send("nobody", "x").cause(), Cause::not_found);
  const auto no_code = gateway.qr("a");
  ASSERT_FALSE(no_code);
  EXPECT_NE(no_code.error().detail.find("STOPPED"), std::string::npos);

  gateway.link("b", service);
  const auto sent = gateway.send("b", "Hello");
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(sent->ack, 1);
  EXPECT_EQ(sent->chat, wire::pn(kContact));
  EXPECT_FALSE(sent->chat_lid.empty());
  EXPECT_FALSE(sent->id.empty());
  EXPECT_GT(sent->timestamp, 0);
  EXPECT_EQ(gateway.qr("b").cause(), Cause::not_linked);  // there is no code any more
}

TEST_F(SessionTest, RefusesASecondSessionOfTheSameNameAndBadNames) {
  Gateway gateway(service, folder.file("p.db"));
  ASSERT_TRUE(gateway.create("a", false));
  EXPECT_EQ(gateway.create("a", false).cause(), Cause::already_exists);
  EXPECT_EQ(gateway.create("a b", false).cause(), Cause::bad_input);
}

TEST_F(SessionTest, WorksAgainAfterARestartOfTheProcessWithoutANewQr) {
  const auto store = folder.file("p.db");
  {
    Gateway gateway(service, store);
    gateway.link("runs", service);
    ASSERT_TRUE(gateway.create("rests", false));
  }
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; }));  // said goodbye
  Gateway gateway(service, store);
  ASSERT_TRUE(gateway.reaches("runs", SessionStatus::working));
  EXPECT_EQ(gateway.status("rests"), SessionStatus::stopped);
  const auto sent = gateway.send("runs", "Hello");
  EXPECT_TRUE(sent) << sent.error().detail;
}

TEST_F(SessionTest, ShowsANewQrAfterALogout) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  const auto out =
      gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.logout("a", reply); });
  ASSERT_TRUE(out) << out.error().detail;
  EXPECT_FALSE(out->me);
  EXPECT_TRUE(gateway.reaches("a", SessionStatus::scan_qr_code));
}

TEST_F(SessionTest, IsGoneAfterItsRemovalAndRemovingIsIdempotent) {
  const auto store = folder.file("p.db");
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
    EXPECT_TRUE(gateway.call<bool>([](auto& core, auto reply) { core.remove("a", reply); }));
    EXPECT_TRUE(gateway.call<bool>([](auto& core, auto reply) { core.remove("a", reply); }));
    EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
    ASSERT_TRUE(gateway.create("a", false));
    EXPECT_FALSE(gateway.session("a")->me);
  }
  Gateway gateway(service, store);
  EXPECT_EQ(gateway.status("a"), SessionStatus::stopped);
}

TEST_F(SessionTest, IsRemovedInAnyStateWithItsUndeliveredWebhooks) {
  Gateway gateway(service, folder.file("p.db"));
  const std::string config = R"({"webhooks":[{"url":"http://127.0.0.1:1/","events":["*"]}]})";
  const auto remove = [&](const std::string& name) {
    return gateway.call<bool>([name](auto& core, auto reply) { core.remove(name, reply); });
  };
  ASSERT_TRUE(gateway.create("stopped", false, config));
  ASSERT_TRUE(gateway.create("starting", true, config));
  ASSERT_TRUE(gateway.create("scan", true, config));
  ASSERT_TRUE(gateway.qr("scan"));
  for (const char* name : {"stopped", "starting", "scan"}) {
    const auto removed = remove(name);
    EXPECT_TRUE(removed) << name << ": " << removed.error().detail;
    EXPECT_EQ(gateway.session(name).cause(), Cause::not_found) << name;
  }
}

TEST_F(SessionTest, ReconnectsWhenTheServiceCutsTheLink) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  service.on_loop<bool>(
      [](sandbox::Service& s) { return s.disconnect(s.world().now, kPhone, std::nullopt).ok(); });
  ASSERT_TRUE(eventually([&] { return service.connections() == 0; }));
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
}

TEST_F(SessionTest, FailsWithItsCauseWhenThePhoneRemovesTheDevice) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  service.on_loop<bool>([](sandbox::Service& s) { return s.remove_device(s.world().now, kPhone, 1).ok(); });
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::failed));
  const auto info = gateway.session("a");
  ASSERT_TRUE(info->cause);
  EXPECT_EQ(info->cause->cause, Cause::logged_out);
  EXPECT_EQ(gateway.send("a", "x").cause(), Cause::not_linked);
  ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.start("a", reply); }));
  EXPECT_TRUE(gateway.reaches("a", SessionStatus::scan_qr_code));
}

}  // namespace
}  // namespace pigeond::app
