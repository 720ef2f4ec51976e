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
  EXPECT_EQ(gateway.status("a"), SessionStatus::pairing);
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
  EXPECT_EQ(gateway.status("a"), SessionStatus::stopped);
  EXPECT_EQ(gateway.send("nobody", "x").cause(), Cause::not_found);
  const auto no_code = gateway.qr("a");
  ASSERT_FALSE(no_code);

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
      gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.logout("a", false, reply); });
  ASSERT_TRUE(out) << out.error().detail;
  EXPECT_FALSE(out->me);
  EXPECT_TRUE(gateway.reaches("a", SessionStatus::pairing));
}

TEST_F(SessionTest, IsGoneAfterItsRemovalAndRemovingIsIdempotent) {
  const auto store = folder.file("p.db");
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
    EXPECT_TRUE(gateway.remove("a"));
    EXPECT_TRUE(gateway.remove("a"));
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
  ASSERT_TRUE(gateway.create("stopped", false, config));
  ASSERT_TRUE(gateway.create("starting", true, config));
  ASSERT_TRUE(gateway.create("scan", true, config));
  ASSERT_TRUE(gateway.qr("scan"));
  for (const char* name : {"stopped", "starting", "scan"}) {
    const auto removed = gateway.remove(name);
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
  EXPECT_TRUE(gateway.reaches("a", SessionStatus::pairing));
}

gateway::SendRequest text_to_contact(const std::string& text) {
  gateway::SendRequest request;
  request.session = "a";
  request.to = wire::pn(kContact);
  request.content = engine::text_content(text);
  return request;
}

Result<gateway::SentMessage> send(Gateway& gateway, const gateway::SendRequest& request) {
  return gateway.call<gateway::SentMessage>(
      [request](auto& core, auto reply) { core.send(request, std::move(reply)); });
}

std::vector<gateway::QueuedMessage> outbox(Gateway& gateway) {
  return *gateway.views().outbox("a", 100, 0);
}

TEST_F(SessionTest, QueuesWhileItIsStoppedIfAskedToAndSendsAfterARestartOfTheProgram) {
  const auto store = folder.file("p.db");
  std::string id;
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
    ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); }));
    auto request = text_to_contact("later");
    EXPECT_EQ(send(gateway, request).cause(), Cause::not_linked);
    EXPECT_TRUE(outbox(gateway).empty());
    request.queue = true;
    request.idempotency_key = "key";
    const auto queued = send(gateway, request);
    ASSERT_TRUE(queued) << queued.error().detail;
    ASSERT_TRUE(queued->pending);
    EXPECT_EQ(queued->ack, 0);
    EXPECT_EQ(queued->pending->state, gateway::QueuedMessage::State::queued);
    EXPECT_EQ(queued->pending->status, SessionStatus::stopped);
    id = queued->id;
    ASSERT_EQ(outbox(gateway).size(), 1u);
    EXPECT_EQ(outbox(gateway)[0].id, id);
    EXPECT_EQ(send(gateway, request)->id, id);  // the same key: the same message
    EXPECT_EQ(outbox(gateway).size(), 1u);
    auto other = text_to_contact("never");
    other.queue = true;
    const auto unwanted = send(gateway, other);
    ASSERT_TRUE(unwanted);
    EXPECT_TRUE(gateway.call<bool>(
        [&](auto& core, auto reply) { core.cancel_message("a", unwanted->id, std::move(reply)); }));
    ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.start("a", reply); }));
  }
  Gateway gateway(service, store);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  ASSERT_TRUE(eventually([&] { return outbox(gateway).empty(); }));
  auto again = text_to_contact("later");
  again.idempotency_key = "key";
  const auto same = send(gateway, again);
  ASSERT_TRUE(same) << same.error().detail;
  EXPECT_EQ(same->id, id);
  EXPECT_EQ(same->ack, 1);
  EXPECT_FALSE(same->pending);
  EXPECT_EQ(send(gateway, again)->timestamp, same->timestamp);
  again.content = engine::text_content("something else");
  EXPECT_EQ(send(gateway, again).cause(), Cause::already_exists);
  EXPECT_EQ(service.on_loop<std::size_t>([](sandbox::Service& s) {
    std::size_t count = 0;
    for (const auto& text : s.phone(kContact)->log().since(0)) count += text.text == "later";
    return count;
  }),
            1u);
}

TEST_F(SessionTest, WhatExpiresWhileItIsStoppedEnds) {
  const auto store = folder.file("p.db");
  auto request = text_to_contact("soon");
  request.queue = true;
  request.expires_in = 200;
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
    ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); }));
    ASSERT_TRUE(send(gateway, request));
    EXPECT_TRUE(eventually([&] { return outbox(gateway).empty(); }));
    request.expires_in = 1000;
    ASSERT_TRUE(send(gateway, request));
  }
  Gateway gateway(service, store);  // nothing is asked of the session here but what it has
  EXPECT_TRUE(eventually([&] { return outbox(gateway).empty(); }));
}

TEST_F(SessionTest, TellsOfAMessageInItsOutboxWhatWasWrongWithItsLastTry) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  service.on_loop<bool>([](sandbox::Service& s) {
    sandbox::Fault fault;
    fault.kind = sandbox::FaultKind::ack_error;
    fault.code = 429;
    fault.count = 1;
    s.world().faults.add(fault);
    return true;
  });
  auto request = text_to_contact("slowly");
  request.async = true;
  ASSERT_TRUE(send(gateway, request));
  ASSERT_TRUE(eventually([&] { return outbox(gateway).at(0).state == gateway::QueuedMessage::State::held; }));
  const auto held = outbox(gateway).at(0);
  ASSERT_TRUE(held.trouble);
  EXPECT_EQ(held.trouble->code, 429);
  EXPECT_EQ(held.attempts, 1);
  EXPECT_GT(held.held_until, held.since);
  ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); }));
  const auto kept = outbox(gateway).at(0);
  EXPECT_EQ(kept.state, gateway::QueuedMessage::State::sent) << "it may have left";
  EXPECT_EQ(kept.trouble->cause, Cause::rate_limited);
}

TEST_F(SessionTest, AnswersAnAsyncRequestAtOnce) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  auto request = text_to_contact("no hurry");
  request.async = true;
  const auto queued = send(gateway, request);
  ASSERT_TRUE(queued) << queued.error().detail;
  EXPECT_TRUE(queued->pending);
  EXPECT_TRUE(eventually([&] { return outbox(gateway).empty(); }));
  request.to = wire::Jid{"status", "broadcast", 0, 0};
  const auto refused = send(gateway, request);  // all the same
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.cause(), Cause::unsupported);
}

TEST_F(SessionTest, LetsACallerWaitThroughARestart) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(send(gateway, text_to_contact("hello")));
  // Were only the ack missing, the recipient's receipt would end the wait.
  service.on_loop<bool>([](sandbox::Service& s) {
    sandbox::Fault silence;
    silence.kind = sandbox::FaultKind::silence;
    silence.count = 1;
    s.add_fault(s.world().now, silence);
    return true;
  });
  auto waiting = std::make_shared<std::promise<Result<gateway::SentMessage>>>();
  gateway.post([waiting](gateway::Core& core) {
    core.send(text_to_contact("patience"), [waiting](auto result) { waiting->set_value(result); });
  });
  ASSERT_TRUE(eventually([&] {
    const auto all = outbox(gateway);
    return all.size() == 1 && all[0].state == gateway::QueuedMessage::State::sent;
  }));
  ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.restart("a", reply); }));
  const auto sent = waiting->get_future().get();
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(sent->ack, 1);
}

}  // namespace
}  // namespace pigeond::app
