// Calls about a session's life that meet, with a real engine and the simulated service.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "world.h"

namespace pigeond::app {
namespace {

using gateway::SessionInfo;
using gateway::SessionStatus;

// Everything that programs are told.
class Told {
 public:
  gateway::RunHooks hooks() {
    gateway::RunHooks out;
    out.on_event = [this](const gateway::EventSession& session, const gateway::Event& event) {
      const std::lock_guard lock(mutex_);
      all_.emplace_back(session.name, event);
    };
    return out;
  }
  // The outcomes of one message: levels of its acks.
  std::vector<engine::AckEvent> acks(const std::string& id) {
    const std::lock_guard lock(mutex_);
    std::vector<engine::AckEvent> out;
    for (const auto& [name, event] : all_)
      if (const auto* ack = std::get_if<engine::AckEvent>(&event.payload); ack != nullptr && ack->id == id)
        out.push_back(*ack);
    return out;
  }
  std::vector<engine::MessageEvent> messages(const std::string& id) {
    const std::lock_guard lock(mutex_);
    std::vector<engine::MessageEvent> out;
    for (const auto& [name, event] : all_)
      if (const auto* one = std::get_if<engine::MessageEvent>(&event.payload);
          one != nullptr && one->id == id)
        out.push_back(*one);
    return out;
  }
  std::vector<gateway::StatusChange> statuses(const std::string& session) {
    const std::lock_guard lock(mutex_);
    std::vector<gateway::StatusChange> out;
    for (const auto& [name, event] : all_)
      if (const auto* change = std::get_if<gateway::StatusChange>(&event.payload);
          change != nullptr && name == session)
        out.push_back(*change);
    return out;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, gateway::Event>> all_;
};

class SessionLife : public ::testing::Test {
 protected:
  using Call = void (gateway::Core::*)(const std::string&, gateway::Reply<SessionInfo>);

  static Result<SessionInfo> ask(Gateway& gateway, Call call, const std::string& name = "a") {
    return gateway.call<SessionInfo>(
        [call, name](auto& core, auto reply) { (core.*call)(name, std::move(reply)); });
  }
  static Result<SessionInfo> logout(Gateway& gateway, bool force = false) {
    return gateway.call<SessionInfo>(
        [force](auto& core, auto reply) { core.logout("a", force, std::move(reply)); });
  }
  std::size_t devices() {
    return service.on_loop<std::size_t>(
        [](sandbox::Service& s) { return s.world().accounts.at(kPhone).devices.size(); });
  }
  // All of `work` in one tick; waits until the `answers` replies that it asks for are there, each once.
  static void together(Gateway& gateway, int answers,
                       const std::function<void(gateway::Core&, const std::function<void()>&)>& work) {
    auto count = std::make_shared<std::atomic<int>>(0);
    gateway.post([work, count](gateway::Core& core) { work(core, [count] { ++*count; }); });
    EXPECT_TRUE(eventually([&] { return count->load() >= answers; })) << "nobody is answered";
    EXPECT_EQ(count->load(), answers);
  }
  // A caller waits for a text to a number that nobody here knows, and the service does not say whose it is.
  gateway::SendRequest to_unknown_number(Gateway& gateway,
                                         const gateway::Reply<gateway::SentMessage>& reply) {
    service.on_loop<bool>([](sandbox::Service& s) {
      sandbox::Fault silence;
      silence.kind = sandbox::FaultKind::silence;
      silence.count = 1;
      s.add_fault(s.world().now, silence);
      return true;
    });
    gateway::SendRequest request;
    request.session = "a";
    request.to = wire::pn("491510000009");
    request.content = engine::text_content("who are you?");
    request.idempotency_key = "key";
    gateway.post([request, reply](gateway::Core& core) { core.send(request, reply); });
    return request;
  }
  // Until the turn is over in which the last answer was given.
  static void turn_over(Gateway& gateway) {
    auto done = std::make_shared<std::promise<void>>();
    gateway.post([done](gateway::Core&) { done->set_value(); });
    done->get_future().get();
  }
  static void works(Gateway& gateway) {
    ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
    const auto sent = gateway.send("a", "Hello");
    EXPECT_TRUE(sent) << sent.error().detail;
  }

  Folder folder;
  Service service;
  Told told;
};

TEST_F(SessionLife, EightStopsAndEightStartsAtTheSameMomentAndThenOneStartEndWorking) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  together(gateway, 16, [](gateway::Core& core, const std::function<void()>& answered) {
    for (int i = 0; i < 8; ++i) {
      core.stop("a", [answered](const Result<SessionInfo>&) { answered(); });
      core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
    }
  });
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  works(gateway);
  together(gateway, 12, [](gateway::Core& core, const std::function<void()>& answered) {
    for (int i = 0; i < 6; ++i) core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
    for (int i = 0; i < 6; ++i) core.stop("a", [answered](const Result<SessionInfo>&) { answered(); });
  });
  EXPECT_EQ(gateway.status("a"), SessionStatus::stopped);
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; })) << "stopped, and the link is up";
  EXPECT_TRUE(gateway.remove("a"));
}

TEST_F(SessionLife, ARestartAndAStartTogetherOfAStoppedSessionEndWorking) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
    together(gateway, 3, [](gateway::Core& core, const std::function<void()>& answered) {
      core.restart("a", [answered](const Result<SessionInfo>&) { answered(); });
      core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
      core.restart("a", [answered](const Result<SessionInfo>&) { answered(); });
    });
    works(gateway);
  }
}

TEST_F(SessionLife, AStartThatMeetsARemovalKeepsTheSessionAndTheOtherWayRoundItGoes) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  auto removal = std::make_shared<std::optional<Cause>>();
  together(gateway, 2, [removal](gateway::Core& core, const std::function<void()>& answered) {
    core.remove("a", false, [answered, removal](const Result<gateway::Departure>& result) {
      if (!result) *removal = result.cause();
      answered();
    });
    core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
  });
  EXPECT_EQ(*removal, Cause::cancelled);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::pairing));  // the unlink was on its way
  together(gateway, 2, [](gateway::Core& core, const std::function<void()>& answered) {
    core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
    core.remove("a", false, [answered](const Result<gateway::Departure>& result) {
      EXPECT_TRUE(result);
      answered();
    });
  });
  EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
}

TEST_F(SessionLife, ALogoutAndAStartTogetherUnlinkAndShowACode) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  together(gateway, 2, [](gateway::Core& core, const std::function<void()>& answered) {
    core.logout("a", false, [answered](const Result<SessionInfo>& result) {
      EXPECT_TRUE(result);
      answered();
    });
    core.start("a", [answered](const Result<SessionInfo>&) { answered(); });
  });
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::pairing));
  EXPECT_EQ(devices(), 1u);
}

TEST_F(SessionLife, AStoppedSessionConnectsToUnlinkItsDevice) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  EXPECT_EQ(devices(), 2u);
  const auto out = logout(gateway);
  ASSERT_TRUE(out) << out.error().detail;
  ASSERT_TRUE(out->departure);
  EXPECT_TRUE(out->departure->unlinked);
  EXPECT_EQ(out->status, SessionStatus::stopped);
  EXPECT_FALSE(out->me);
  EXPECT_EQ(devices(), 1u);
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; }));
}

TEST_F(SessionLife, WithoutALinkTheAccountIsKeptUntilTheServiceCanBeAskedAndSaysSo) {
  const auto store = folder.file("p.db");
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
  }
  {
    Gateway gateway(service, store, told.hooks(), "ws://127.0.0.1:1/");
    const auto out = logout(gateway);
    ASSERT_TRUE(out) << out.error().detail;
    ASSERT_TRUE(out->departure);
    EXPECT_FALSE(out->departure->unlinked);
    EXPECT_FALSE(out->departure->done);
    EXPECT_TRUE(out->departure->cause);
    const auto info = gateway.session("a");
    EXPECT_EQ(info->status, SessionStatus::starting);
    ASSERT_TRUE(info->cause);
    ASSERT_TRUE(info->next);
    EXPECT_GT(info->next->at, 0);
    EXPECT_TRUE(info->me);
    EXPECT_TRUE(eventually([&] {
      bool said = false;
      for (const auto& change : told.statuses("a"))
        said = said || (change.departure && !change.departure->unlinked);
      return said;
    }));
  }
  Gateway gateway(service, store);  // also after a restart of the program
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::pairing));
  EXPECT_EQ(devices(), 1u);
}

TEST_F(SessionLife, WhoInsistsOnALogoutWaitsForNobodyAndIsToldThatItIsNotConfirmed) {
  const auto store = folder.file("p.db");
  {
    Gateway gateway(service, store);
    gateway.link("a", service);
  }
  Gateway gateway(service, store, {}, "ws://127.0.0.1:1/");
  const auto out = logout(gateway, true);
  ASSERT_TRUE(out) << out.error().detail;
  EXPECT_TRUE(out->departure->done);
  EXPECT_FALSE(out->departure->unlinked);
  EXPECT_FALSE(out->me);
  const auto removed = gateway.remove("a", true);
  ASSERT_TRUE(removed);
  EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
  EXPECT_TRUE(gateway.remove("a"));
}

TEST_F(SessionLife, EachAcceptedMessageIsToldToHaveEndedWhenItsAccountGoes) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  gateway::SendRequest request;
  request.session = "a";
  request.to = wire::pn(kContact);
  request.queue = true;
  request.content = engine::text_content("never");
  request.idempotency_key = "key";
  const auto send = [&] {
    return gateway.call<gateway::SentMessage>(
        [request](auto& core, auto reply) { core.send(request, std::move(reply)); });
  };
  const auto queued = send();
  ASSERT_TRUE(queued);
  ASSERT_TRUE(queued->pending);
  ASSERT_TRUE(logout(gateway));
  ASSERT_TRUE(eventually([&] { return !told.acks(queued->id).empty(); }));
  const auto acks = told.acks(queued->id);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].ack, -1);
  ASSERT_TRUE(acks[0].cause);
  EXPECT_EQ(acks[0].cause->cause, Cause::logged_out);
  const auto again = send();  // under its key
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->failure);
  EXPECT_EQ(again->failure->cause, Cause::logged_out);
}

TEST_F(SessionLife, AMessageThatNobodyWasToldOfIsToldBeforeItsEndWhenItsAccountGoes) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  auto waiting = std::make_shared<std::promise<Result<gateway::SentMessage>>>();
  to_unknown_number(gateway, [waiting](auto result) { waiting->set_value(std::move(result)); });
  ASSERT_TRUE(logout(gateway, true));
  const auto ended = waiting->get_future().get();
  ASSERT_TRUE(ended) << ended.error().detail;
  ASSERT_TRUE(ended->failure);
  EXPECT_EQ(ended->failure->cause, Cause::logged_out);
  ASSERT_TRUE(eventually([&] { return !told.acks(ended->id).empty(); }));
  EXPECT_EQ(told.messages(ended->id).size(), 1u);
  EXPECT_EQ(told.acks(ended->id).size(), 1u);
}

TEST_F(SessionLife, WhoAsksAgainWithoutWaitingGetsAnIdThatProgramsHaveHeardOf) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  auto request = to_unknown_number(gateway, [](const auto&) {});
  request.async = true;
  const auto queued = gateway.call<gateway::SentMessage>(
      [request](auto& core, auto reply) { core.send(request, std::move(reply)); });
  ASSERT_TRUE(queued) << queued.error().detail;
  EXPECT_TRUE(queued->pending);
  turn_over(gateway);
  EXPECT_EQ(told.messages(queued->id).size(), 1u) << "it is told in the turn in which it is answered";
}

TEST_F(SessionLife, AChangeOfTheConfigurationKeepsTheLinkAndStartsNothing) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  // It is told a moment after it shows.
  ASSERT_TRUE(eventually([&] { return told.statuses("a").back().status == SessionStatus::working; }));
  const auto before = told.statuses("a").size();
  const auto put = [&](const std::string& json) {
    const auto config = api::waha::parse_session_config(json);
    return gateway.call<SessionInfo>([config](auto& core, auto reply) { core.update("a", *config, reply); });
  };
  const auto updated = put(R"({"pacing":"strict"})");
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->status, SessionStatus::working);
  EXPECT_EQ(updated->config->raw, R"({"pacing":"strict"})");
  EXPECT_TRUE(gateway.send("a", "Hello"));
  EXPECT_EQ(told.statuses("a").size(), before);
  ASSERT_TRUE(ask(gateway, &gateway::Core::stop));
  EXPECT_EQ(put("{}")->status, SessionStatus::stopped);
}

TEST_F(SessionLife, StartingAlwaysHasACauseAndANextStepWithATime) {
  const auto store = folder.file("p.db");
  Gateway gateway(service, store, {}, "ws://127.0.0.1:1/");
  ASSERT_TRUE(gateway.create("a"));
  for (int i = 0; i < 50; ++i) {
    const auto info = gateway.session("a");
    ASSERT_EQ(info->status, SessionStatus::starting);
    ASSERT_TRUE(info->cause);
    EXPECT_FALSE(info->cause->detail.empty());
    ASSERT_TRUE(info->next);
    EXPECT_GT(info->next->at, 0);
  }
}

TEST_F(SessionLife, FromTheMomentAShutdownBeginsCallsAreRefusedAsShuttingDown) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  auto causes = std::make_shared<std::vector<Cause>>();
  auto waiting = std::make_shared<std::promise<bool>>();
  gateway.post([causes, waiting](gateway::Core& core) {
    gateway::SendRequest request;
    request.session = "a";
    request.to = wire::pn(kContact);
    request.content = engine::text_content("too late");
    core.send(request, [waiting](const Result<gateway::SentMessage>& result) {
      waiting->set_value(result && result->pending);  // accepted, and stays in the outbox
    });
    core.shut_down();
    core.send(request, [causes](const auto& result) { causes->push_back(result.cause()); });
    core.start("a", [causes](const auto& result) { causes->push_back(result.cause()); });
    core.remove("a", false, [causes](const auto& result) { causes->push_back(result.cause()); });
    core.logout("a", false, [causes](const auto& result) { causes->push_back(result.cause()); });
    core.qr("a", kSecond, [causes](const auto& result) { causes->push_back(result.cause()); });
  });
  EXPECT_TRUE(waiting->get_future().get());
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; }));
  EXPECT_EQ(*causes, std::vector<Cause>(5, Cause::shutting_down));
}

// --- what one account breaks ---

TEST_F(SessionLife, AnAccountWhoseRowMakesNoSenseFailsAndItsNeighbourNoticesNothing) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  gateway.link("b", service);
  // It is told a moment after it shows.
  ASSERT_TRUE(eventually([&] { return told.statuses("b").back().status == SessionStatus::working; }));
  const auto before = told.statuses("b").size();
  gateway.execute("UPDATE credentials SET pn = 'xx' || replace(pn, '@', '%') WHERE session_id = 1");
  together(gateway, 3, [](gateway::Core& core, const std::function<void()>& answered) {
    core.restart("a", [answered](const Result<SessionInfo>&) { answered(); });
    core.restart("a", [answered](const Result<SessionInfo>&) { answered(); });
    core.send({"b", wire::pn(kContact), {}, engine::text_content("in the same tick"), {}, {}},
              [answered](const Result<gateway::SentMessage>& sent) {
                EXPECT_TRUE(sent) << sent.error().detail;
                answered();
              });
  });
  const auto ill = gateway.session("a");
  EXPECT_EQ(ill->status, SessionStatus::failed);
  ASSERT_TRUE(ill->cause);
  EXPECT_NE(ill->cause->detail.find("JID"), std::string::npos) << ill->cause->detail;
  ASSERT_TRUE(ill->next);
  EXPECT_EQ(told.statuses("b").size(), before);
  EXPECT_FALSE(gateway.storage().failure);
  const auto removed = gateway.remove("a");  // can't be asked: the account can't be read
  EXPECT_FALSE(removed);
  gateway.execute("UPDATE credentials SET pn = replace(substr(pn, 3), '%', '@') WHERE session_id = 1");
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  works(gateway);
}

TEST_F(SessionLife, AnAccountWhoseRowMakesNoSenseKeepsNobodyElseFromStarting) {
  const auto path = folder.file("p.db");
  {
    Gateway gateway(service, path);
    gateway.link("a", service);
    gateway.link("b", service);
    gateway.execute("UPDATE credentials SET pn = 'xx' || replace(pn, '@', '%') WHERE session_id = 1");
  }
  Gateway gateway(service, path);
  ASSERT_TRUE(gateway.reaches("b", SessionStatus::working));
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::failed));
  const auto ill = gateway.session("a");
  ASSERT_TRUE(ill->cause);
  EXPECT_NE(ill->cause->detail.find("JID"), std::string::npos) << ill->cause->detail;
  EXPECT_FALSE(gateway.storage().failure);
  gateway.execute("UPDATE credentials SET pn = replace(substr(pn, 3), '%', '@') WHERE session_id = 1");
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  works(gateway);
}

TEST_F(SessionLife, AnAccountWhoseRowMakesNoSenseCanBeRemovedByForce) {
  Gateway gateway(service, folder.file("p.db"));
  gateway.link("a", service);
  gateway.execute("UPDATE credentials SET pn = 'xx' WHERE session_id = 1");
  ASSERT_TRUE(ask(gateway, &gateway::Core::restart));
  EXPECT_EQ(gateway.status("a"), SessionStatus::failed);
  const auto removed = gateway.remove("a", true);
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
}

TEST_F(SessionLife, AStanzaThatBreaksItsAccountIsTriedAgainWithGrowingPausesAndDisturbsNobody) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  gateway.link("b", service);
  gateway.execute(
      "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.session_id = 1 AND NEW.from_me = 0"
      " BEGIN SELECT RAISE(ABORT, 'poison'); END");
  const auto text = [&](const std::string& body) {
    service.on_loop<bool>(
        [&](sandbox::Service& s) { return s.send_text(s.world().now, kContact, kPhone, body, {}).ok(); });
  };
  text("for both");
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::failed));
  const auto first = gateway.session("a");
  EXPECT_NE(first->cause->detail.find("poison"), std::string::npos) << first->cause->detail;
  ASSERT_TRUE(first->next);
  EXPECT_EQ(gateway.status("b"), SessionStatus::working);
  EXPECT_FALSE(gateway.storage().failure);
  // It comes again with the next login, and breaks it again; the pause is longer then.
  ASSERT_TRUE(eventually([&] {
    const auto info = gateway.session("a");
    return info->status == SessionStatus::failed && info->cause &&
           info->cause->retry_after > first->cause->retry_after;
  }));
  gateway.execute("DROP TRIGGER poison");
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  works(gateway);
  EXPECT_TRUE(gateway.send("b", "Hello"));
}

TEST_F(SessionLife, AnEventThatCannotBeWrittenBreaksItsSessionAlone) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  const auto config =
      api::waha::parse_session_config(R"({"webhooks":[{"url":"http://127.0.0.1:1/","events":["*"]}]})");
  ASSERT_TRUE(config);
  for (const char* name : {"a", "b"}) {
    gateway.link(name, service);
    ASSERT_TRUE(gateway.call<SessionInfo>(
        [&](auto& core, auto reply) { core.update(name, *config, std::move(reply)); }));
  }
  gateway.execute(
      "CREATE TRIGGER poison BEFORE INSERT ON event WHEN NEW.session_id = 1 AND NEW.kind = 2"
      " BEGIN SELECT RAISE(ABORT, 'poison'); END");
  service.on_loop<bool>(
      [&](sandbox::Service& s) { return s.send_text(s.world().now, kContact, kPhone, "for both", {}).ok(); });
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::failed));
  EXPECT_NE(gateway.session("a")->cause->detail.find("poison"), std::string::npos);
  EXPECT_EQ(gateway.status("b"), SessionStatus::working);
  EXPECT_FALSE(gateway.storage().failure);
  gateway.execute("DROP TRIGGER poison");
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  const auto deliveries = [&](const char* name) {
    std::size_t messages = 0;
    const auto all = gateway.views().deliveries(name, {std::nullopt, "", 0, 1000});
    for (const auto& delivery : *all) messages += delivery.topic == gateway::Topic::message_in ? 1 : 0;
    return messages;
  };
  EXPECT_TRUE(eventually([&] { return deliveries("a") == 1 && deliveries("b") == 1; }))
      << "the service delivers again what was not acknowledged";
}

TEST_F(SessionLife, ARemovalThatWasAnsweredAsPendingIsGoneOnWithAfterItsAccountBroke) {
  const auto path = folder.file("p.db");
  {
    Gateway gateway(service, path);
    gateway.link("a", service);
    gateway.execute("UPDATE session SET parting = 2 WHERE id = 1");
    gateway.execute("UPDATE credentials SET pn = 'xx' || replace(pn, '@', '%') WHERE session_id = 1");
  }
  Gateway gateway(service, path);
  ASSERT_TRUE(eventually([&] {
    const auto info = gateway.session("a");
    return info && info->cause && info->cause->detail.find("JID") != std::string::npos && info->next &&
           info->next->what == "unlink";
  }));
  gateway.execute("UPDATE credentials SET pn = replace(substr(pn, 3), '%', '@') WHERE session_id = 1");
  EXPECT_TRUE(eventually([&] { return !gateway.session("a"); }));
  EXPECT_EQ(gateway.session("a").cause(), Cause::not_found);
  EXPECT_EQ(devices(), 1u);
}

TEST_F(SessionLife, AConfigThatCannotBeKeptIsRefusedAndNotShown) {
  Gateway gateway(service, folder.file("p.db"));
  ASSERT_TRUE(gateway.create("a", false));
  const auto before = gateway.session("a")->config->raw;
  gateway.execute(
      "CREATE TRIGGER poison BEFORE UPDATE OF config ON session BEGIN SELECT RAISE(ABORT, 'poison'); END");
  const auto other = api::waha::parse_session_config(R"({"metadata":{"x":"y"}})");
  ASSERT_TRUE(other);
  const auto updated =
      gateway.call<SessionInfo>([&](auto& core, auto reply) { core.update("a", *other, std::move(reply)); });
  ASSERT_FALSE(updated);
  EXPECT_NE(updated.error().detail.find("poison"), std::string::npos) << updated.error().detail;
  EXPECT_EQ(gateway.session("a")->config->raw, before);
  EXPECT_TRUE(gateway.session("a")->config->metadata.empty());
  gateway.execute("DROP TRIGGER poison");
  EXPECT_TRUE(
      gateway.call<SessionInfo>([&](auto& core, auto reply) { core.update("a", *other, std::move(reply)); }));
  EXPECT_EQ(gateway.session("a")->config->raw, other->raw);
}

// What is shown of a session is JSON whatever its row says: the API puts it into its answers as it is.
TEST_F(SessionLife, AStoredConfigThatIsNoJsonIsShownAsAnEmptyOneAndTheSessionWorks) {
  const auto path = folder.file("p.db");
  {
    Gateway gateway(service, path);
    gateway.link("a", service);
    gateway.execute("UPDATE session SET config = 'nonsense'");
  }
  Gateway gateway(service, path);
  works(gateway);
  const auto shown = gateway.session("a");
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->config->raw, "nonsense") << "it is the surface's, and stays";
  EXPECT_EQ(api::waha::shown_config(*shown->config).dump(), "{}");
}

// Who was told of a failure would send it again.
TEST_F(SessionLife, ATextThatWasAcceptedIsAnsweredAsPendingWhereItsAcknowledgementCannotBeKept) {
  Gateway gateway(service, folder.file("p.db"), told.hooks());
  gateway.link("a", service);
  gateway.execute(
      "CREATE TRIGGER poison BEFORE DELETE ON outbox WHEN OLD.session_id = 1"
      " BEGIN SELECT RAISE(ABORT, 'poison'); END");
  const auto sent = gateway.send("a", "Hello");
  ASSERT_TRUE(sent) << sent.error().detail;
  ASSERT_TRUE(sent->pending);
  EXPECT_FALSE(sent->failure);
  EXPECT_EQ(gateway.status("a"), SessionStatus::failed);
  gateway.execute("DROP TRIGGER poison");
  ASSERT_TRUE(ask(gateway, &gateway::Core::start));
  EXPECT_TRUE(eventually([&] {
    const auto acks = told.acks(sent->id);
    return !acks.empty() && acks.front().ack > 0;
  }));
}

}  // namespace
}  // namespace pigeond::app
