// Questions to WhatsApp through a session of a real gateway: who waits for an answer, and who gets none.
#include <gtest/gtest.h>

#include "engine/messages/desk.h"
#include "world.h"

namespace pigeond::app {
namespace {

class Asking : public ::testing::Test {
 protected:
  // One who asks, and what he was told.
  struct Caller {
    std::promise<Result<int>> told;
    gateway::Reply<gateway::Found> reply() {
      return [this](const Result<gateway::Found>& answer) { told.set_value(gateway::found<int>(answer)); };
    }
    Result<int> wait() { return told.get_future().get(); }
  };

  // A question that is answered by hand.
  gateway::Asking by_hand(const std::string& once) {
    return gateway::asking<int>(
        once, [this](engine::Desk&, engine::Answered<int> answered) { open.push_back(std::move(answered)); });
  }
  void ask(const std::string& session, const std::string& once, Caller& caller) {
    gateway.post([this, session, once, &caller](gateway::Core& core) {
      core.ask(session, by_hand(once), caller.reply());
    });
  }
  std::size_t asked() {
    return *gateway.call<std::size_t>(
        [this](gateway::Core&, const gateway::Reply<std::size_t>& reply) { reply(open.size()); });
  }
  void answer(std::size_t which, const Result<int>& with) {
    gateway.post([this, which, with](gateway::Core&) { open.at(which)(with); });
  }

  Folder folder;
  Service service;
  std::vector<engine::Answered<int>> open;  // the loop's
  Gateway gateway{service, folder.file("p.db")};
};

TEST_F(Asking, CallersUnderOneKeyShareAnAnswerAndOthersDoNot) {
  gateway.link("a", service);
  Caller first, second, other, alone;
  ask("a", "k", first);
  ask("a", "k", second);
  ask("a", "another", other);
  ask("a", "", alone);
  ASSERT_TRUE(eventually([this] { return asked() == 3; }));
  answer(0, 7);
  EXPECT_EQ(*first.wait(), 7);
  EXPECT_EQ(*second.wait(), 7);
  Caller later;
  ask("a", "k", later);
  ASSERT_TRUE(eventually([this] { return asked() == 4; })) << "an answer is not kept";
  answer(1, fail(Cause::ack_error, "", 404));
  answer(2, 8);
  answer(3, 9);
  EXPECT_EQ(other.wait().error().code, 404);
  EXPECT_EQ(*alone.wait(), 8);
  EXPECT_EQ(*later.wait(), 9);
}

TEST_F(Asking, ASessionThatCantIsNotAsked) {
  ASSERT_TRUE(gateway.create("a", false));
  Caller stopped, nobody;
  ask("a", "", stopped);
  ask("b", "", nobody);
  const auto told = stopped.wait();
  EXPECT_EQ(told.cause(), Cause::not_linked);
  EXPECT_EQ(nobody.wait().cause(), Cause::not_found);
  EXPECT_EQ(asked(), 0u);
}

TEST_F(Asking, WhoWaitsIsToldWhenTheSessionStopsAndALateAnswerIsNobodys) {
  gateway.link("a", service);
  Caller caller;
  ask("a", "k", caller);
  ASSERT_TRUE(eventually([this] { return asked() == 1; }));
  ASSERT_TRUE(gateway.call<gateway::SessionInfo>([](auto& core, auto reply) { core.stop("a", reply); }));
  EXPECT_FALSE(caller.wait());
  answer(0, 7);
  EXPECT_TRUE(gateway.session("a"));
}

TEST_F(Asking, ALinkThatBreaksAnswersWhatItCarried) {
  gateway.link("a", service);
  service.on_loop<bool>([](sandbox::Service& world) {
    sandbox::Fault silence;
    silence.kind = sandbox::FaultKind::silence;
    world.add_fault(world.world().now, silence);
    return true;
  });
  Caller caller;
  gateway.post([&](gateway::Core& core) {
    core.ask("a",
             gateway::asking<int>("",
                                  [this](engine::Desk& desk, engine::Answered<int> answered) {
                                    wire::Node iq("iq");
                                    iq.set("type", "get").set("xmlns", "w:p");
                                    desk.query(std::move(iq), [answered](const Result<wire::Node>& answer) {
                                      answered(answer ? Result<int>(1) : Result<int>(answer.error()));
                                    });
                                    open.push_back(std::move(answered));
                                  }),
             caller.reply());
  });
  ASSERT_TRUE(eventually([this] { return asked() == 1; }));
  service.on_loop<bool>(
      [](sandbox::Service& world) { return world.disconnect(world.world().now, kPhone, std::nullopt).ok(); });
  EXPECT_EQ(caller.wait().cause(), Cause::link_lost);
}

}  // namespace
}  // namespace pigeond::app
