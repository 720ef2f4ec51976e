// What is only looked at waits for nothing: neither for a loop thread that is busy, nor for a commit. And
// what an answer has told is there to be seen.
#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/webhooks/log.h"
#include "world.h"

namespace pigeond::app {
namespace {

using gateway::SessionStatus;

class ViewsTest : public ::testing::Test {
 protected:
  // Everybody who may look does, on this thread.
  void look_at_everything(std::size_t sessions) {
    auto& views = gateway.views();
    EXPECT_EQ(views.sessions()->size(), sessions);
    const auto one = views.session("a");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->config->raw, kConfig);
    const auto whole = views.whole_session("a");
    ASSERT_TRUE(whole && whole->health);
    const auto waiting = views.outbox("a", 100, 0);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->size(), 1u);
    const auto deliveries = views.deliveries("a", {std::nullopt, "", 0, 100});
    ASSERT_TRUE(deliveries);
    ASSERT_FALSE(deliveries->empty());
    EXPECT_EQ(deliveries->front().topic, gateway::Topic::session_status);
    const auto delivery = views.delivery("a", deliveries->front().id);
    ASSERT_TRUE(delivery);
    EXPECT_NE(delivery->body.find("session.status"), std::string::npos);
    const auto totals = views.webhook_totals();
    ASSERT_TRUE(totals);
    EXPECT_GT(totals->pending, 0);
    EXPECT_EQ(views.session("nobody").cause(), Cause::not_found);
    EXPECT_EQ(views.outbox("nobody", 1, 0).cause(), Cause::not_found);
    EXPECT_EQ(views.deliveries("nobody", {}).cause(), Cause::not_found);
  }

  // A linked session that is stopped, with a message in its outbox, and events for a receiver who isn't
  // there.
  void prepare() {
    gateway.link("a", service);
    const auto config = api::waha::parse_session_config(kConfig);
    ASSERT_TRUE(gateway.call<gateway::SessionInfo>(
        [&](auto& core, auto reply) { core.update("a", *config, std::move(reply)); }));
    ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); }));
    gateway::SendRequest request{"a", wire::pn(kContact), {}, engine::text_content("later"), {}, {}};
    request.queue = true;
    ASSERT_TRUE(gateway.call<gateway::SentMessage>(
        [&](auto& core, auto reply) { core.send(request, std::move(reply)); }));
  }

  static constexpr const char* kConfig =
      R"({"webhooks":[{"url":"http://127.0.0.1:1/","events":["session.status"]}]})";
  Folder folder;
  Service service;
  Gateway gateway{service, folder.file("p.db")};
};

TEST_F(ViewsTest, ListsAreAnsweredWhileTheLoopThreadIsBusy) {
  prepare();
  std::promise<void> busy, go_on;
  gateway.post([&](gateway::Core&) {
    busy.set_value();
    go_on.get_future().wait();
  });
  busy.get_future().wait();
  look_at_everything(1);
  go_on.set_value();
}

// What is written and not committed is nobody's to see, and keeps nobody from looking.
TEST_F(ViewsTest, ListsAreAnsweredWhileACommitIsStillToCome) {
  prepare();
  std::promise<void> written, go_on;
  std::promise<Result<gateway::SessionInfo>> created, started;
  gateway.post([&](gateway::Core& core) {
    core.create("b", false, {}, [&](const auto& done) { created.set_value(done); });
    core.start("a", [&](const auto& done) { started.set_value(done); });
    written.set_value();
    go_on.get_future().wait();
  });
  written.get_future().wait();
  look_at_everything(1);
  EXPECT_EQ(gateway.views().session("a")->status, SessionStatus::stopped);
  EXPECT_EQ(gateway.views().session("b").cause(), Cause::not_found);
  go_on.set_value();
  ASSERT_TRUE(created.get_future().get());
  ASSERT_TRUE(started.get_future().get());
  EXPECT_TRUE(gateway.views().session("b"));
  EXPECT_NE(gateway.views().session("a")->status, SessionStatus::stopped);
}

// From within the answer, where it is seen first.
TEST_F(ViewsTest, WhatAnAnswerHasToldIsThereToBeSeen) {
  using Seen = Result<gateway::SessionInfo>;
  const auto after =
      [this](const std::function<void(gateway::Core&, gateway::Reply<gateway::SessionInfo>)>& call) {
        return gateway.call<Seen>([&](gateway::Core& core, const gateway::Reply<Seen>& reply) {
          call(core, [&core, reply](const Seen& done) { reply(done ? core.views().session("a") : done); });
        });
      };
  const auto status_after = [&](const auto& call) {
    const auto seen = after(call);
    return seen && *seen ? (*seen)->status : SessionStatus::failed;
  };
  EXPECT_EQ(status_after([](auto& core, auto reply) { core.create("a", false, {}, reply); }),
            SessionStatus::stopped);
  EXPECT_EQ(status_after([](auto& core, auto reply) { core.start("a", reply); }), SessionStatus::starting);
  EXPECT_EQ(status_after([](auto& core, auto reply) { core.stop("a", reply); }), SessionStatus::stopped);
  gateway::SessionConfig config;
  config.raw = R"({"metadata":{"x":"y"}})";
  const auto updated = after([&](auto& core, auto reply) { core.update("a", config, reply); });
  ASSERT_TRUE(updated && *updated);
  EXPECT_EQ((*updated)->config->raw, config.raw);
  EXPECT_TRUE(*gateway.call<bool>([](gateway::Core& core, const gateway::Reply<bool>& reply) {
    core.remove("a", false, [&core, reply](const Result<gateway::Departure>& done) {
      reply(done && core.views().session("a").cause() == Cause::not_found &&
            core.views().sessions()->empty());
    });
  }));
}

// Of so many it is not told with each tick: what they wait for shows all the same, in the end.
TEST_F(ViewsTest, WhatManyMessagesWaitForShowsAMomentLater) {
  gateway.link("a", service);
  service.on_loop<bool>([](sandbox::Service& s) {
    sandbox::Fault silence;
    silence.kind = sandbox::FaultKind::silence;
    silence.count = 1000;
    s.add_fault(s.world().now, silence);
    return true;
  });
  constexpr std::size_t kMany = 150;
  for (std::size_t i = 0; i < kMany; ++i) {
    gateway::SendRequest request{"a", wire::pn(kContact), {}, engine::text_content("x"), {}, {}};
    request.async = true;
    ASSERT_TRUE(gateway.call<gateway::SentMessage>(
        [&](auto& core, auto reply) { core.send(request, std::move(reply)); }));
    ASSERT_EQ(gateway.views().outbox("a", 1000, 0)->size(), i + 1);
  }
  EXPECT_TRUE(eventually([&] {
    const auto all = gateway.views().outbox("a", 1000, 0);
    return std::ranges::all_of(*all, [](const gateway::QueuedMessage& message) {
      return message.why == "not acknowledged yet" ||
             message.why == "another message to this chat goes first" ||
             message.state == gateway::QueuedMessage::State::preparing;
    });
  }));
}

TEST_F(ViewsTest, ASessionWhoseRowIsNotCommittedIsNeverShown) {
  gateway.post([](gateway::Core& core) {
    auto pages = core.database().prepare("PRAGMA page_count");
    ASSERT_TRUE(pages.step());
    core.database().prepare("PRAGMA max_page_count = " + std::to_string(pages.integer(0))).step();
  });
  gateway::SessionConfig large;
  large.raw = "{\"x\":\"" + std::string(60000, 'x') + "\"}";
  const auto seen = gateway.call<bool>([&](gateway::Core& core, const gateway::Reply<bool>& reply) {
    core.create("a", true, large,
                [&core, reply](const auto& done) { reply(done.ok() || !core.views().sessions()->empty()); });
  });
  EXPECT_FALSE(*seen);
}

}  // namespace
}  // namespace pigeond::app
