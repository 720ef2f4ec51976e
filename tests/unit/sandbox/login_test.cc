#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

using Login = SandboxTest;

TEST_F(Login, RefusesDevicesThatDoNotExist) {
  ScriptedClient& who = client();
  who.self = {kAlice, 9};
  connect(who, who.login());
  EXPECT_TRUE(who.last("failure")->is("reason", "401"));
  EXPECT_TRUE(who.closed);
}

TEST_F(Login, RefusesAnotherNoiseKey) {
  ScriptedClient& who = linked(kAlice);
  who.disconnect();
  who.noise_key = crypto::generate_key_pair(random);
  connect(who, who.login());
  EXPECT_TRUE(who.last("failure")->is("reason", "401"));
  EXPECT_EQ(rules(), std::vector<std::string>{"login-key"});
}

TEST_F(Login, RefusesOldVersionsWhenToldTo) {
  Policy policy;
  policy.clients.login = 1235;
  restart(policy);
  ScriptedClient& who = client();
  connect(who, who.registration());
  EXPECT_TRUE(who.last("failure")->is("reason", "405"));
}

TEST_F(Login, ShowsACodeToAnOldVersionThatNoPhoneCanLink) {
  Policy policy;
  policy.clients.linking = 1235;
  restart(policy);
  ScriptedClient& who = client();
  connect(who, who.registration());
  send(who, who.pair_device_result());
  std::optional<Result<std::uint16_t>> scanned;
  service->scan(now, kAlice, who.qr(), [&](Result<std::uint16_t> result) { scanned = std::move(result); });
  pump();
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->cause(), Cause::outdated);
  EXPECT_FALSE(who.closed);
  const auto heard = who.all("iq");
  EXPECT_TRUE(std::none_of(heard.begin(), heard.end(),
                           [](const wire::Node& iq) { return iq.child("pair-success") != nullptr; }));
}

TEST_F(Login, LetsADeviceInThatWasLinkedBeforeItsVersionGrewTooOldForThat) {
  ScriptedClient& who = linked(kAlice);
  ClientPolicy wanted;
  wanted.linking = 1235;
  service->set_clients(now, wanted);
  who.disconnect();
  connect(who, who.login());
  EXPECT_NE(who.last("success"), nullptr);
}

TEST_F(Login, AnnouncesTheEndOfVersionsToWhoIsThereAndToWhoComes) {
  ScriptedClient& who = linked(kAlice);
  ClientPolicy wanted;
  wanted.expires = 1'800'000'000;
  service->set_clients(now, wanted);
  pump();
  ASSERT_NE(who.last("ib"), nullptr);
  EXPECT_TRUE(who.last("ib")->child("client_expiration")->is("t", "1800000000"));
  who.disconnect();
  connect(who, who.login());
  ASSERT_NE(who.last("ib"), nullptr);
  EXPECT_NE(who.last("ib")->child("client_expiration"), nullptr);
  service->set_clients(now, {});
  pump();
  EXPECT_FALSE(who.last("ib")->child("client_expiration")->has("t"));
}

TEST_F(Login, GivesTheDeviceToItsNewestConnection) {
  ScriptedClient& who = linked(kAlice);
  const ConnectionId older = *who.connection;
  auto twin = std::make_unique<ScriptedClient>(*service, random, now);
  twin->noise_key = who.noise_key;
  twin->self = who.self;
  clients.push_back(std::move(twin));
  connect(*clients.back(), clients.back()->login());
  EXPECT_NE(clients.back()->last("success"), nullptr);
  ASSERT_NE(who.last("stream:error"), nullptr);
  EXPECT_TRUE(who.last("stream:error")->child("conflict")->is("type", "replaced"));
  EXPECT_TRUE(who.closed);
  service->closed(now, older);  // late news of the old link change nothing
  EXPECT_TRUE(service->world().device(who.self)->connection.has_value());
}

TEST_F(Login, RemovesADeviceThatLogsOut) {
  ScriptedClient& who = linked(kAlice);
  const auto gone = who.self;
  send(who, who.iq("set", "md",
                   wire::Node("remove-companion-device")
                       .set("jid", alice(gone.number))
                       .set("reason", "user_initiated")));
  EXPECT_TRUE(who.closed);
  EXPECT_EQ(service->world().device(gone), nullptr);
  connect(who, who.login());
  EXPECT_TRUE(who.last("failure")->is("reason", "401"));
}

TEST_F(Login, TellsADeviceThatItWasRemoved) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_EQ(service->remove_device(now, kAlice, 7).error().cause, Cause::not_found);
  EXPECT_EQ(service->remove_device(now, kAlice, 0).error().cause, Cause::bad_input);
  ASSERT_TRUE(service->remove_device(now, kAlice, who.self.number));
  pump();
  EXPECT_TRUE(who.last("stream:error")->child("conflict")->is("type", "device_removed"));
  EXPECT_TRUE(who.last("stream:error")->is("code", "401"));
}

TEST_F(Login, AnswersWhatClientsAskThen) {
  ScriptedClient& who = linked(kAlice);
  for (const auto& [type, xmlns, tag] : std::vector<std::tuple<const char*, const char*, const char*>>{
           {"get", "abt", "props"},
           {"get", "blocklist", ""},
           {"get", "privacy", "privacy"},
           {"get", "w:p", "ping"},
           {"get", "encrypt", "count"},
           {"get", "encrypt", "digest"},
           {"set", "passive", "active"},
           {"set", "w:stats", "add"},
       }) {
    auto request = who.iq(type, xmlns, wire::Node(*tag == '\0' ? "nothing" : tag));
    EXPECT_TRUE(ask(who, request).is("type", "result")) << xmlns;
  }
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Login, SaysWhatItDoesNotImplementAndMarksItInTheTrace) {
  ScriptedClient& who = linked(kAlice);
  const wire::Node answer = ask(who, who.iq("get", "w:unheard:of", wire::Node("x")));
  EXPECT_TRUE(answer.is("type", "error"));
  EXPECT_TRUE(answer.child("error")->is("code", "501"));
  EXPECT_TRUE(answer.child("error")->is("text", "feature-not-implemented"));
  const auto newest = service->world().trace.newest(kAlice, 2);
  EXPECT_TRUE(newest[0]->unsupported);
  EXPECT_TRUE(newest[0]->from_client);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Login, ReportsRequestsWithoutIdOrNamespace) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("iq").set("type", "get").set("id", "x1").add(wire::Node("x")));
  EXPECT_EQ(rules(), std::vector<std::string>{"iq-malformed"});
}

TEST_F(Login, ReportsJidsThatAreWrittenAsText) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("presence").set("type", "subscribe").set("to", bob()));
  EXPECT_EQ(rules(), std::vector<std::string>{});
  send(who, wire::Node("presence").set("type", "subscribe").set("to", std::string(kBob) + "@s.whatsapp.net"));
  EXPECT_EQ(rules(), std::vector<std::string>{"jid-as-text"});
}

TEST_F(Login, ReportsStanzasThatNoClientSends) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("success").set("t", "1"));
  EXPECT_EQ(rules(), std::vector<std::string>{"unknown-stanza"});
}

TEST_F(Login, ShowsPresenceToThoseWhoSubscribedAndAreThere) {
  ScriptedClient& watcher = linked(kAlice);
  ScriptedClient& watched = linked(kBob);
  send(watched, wire::Node("presence").set("type", "available").set("name", "Bobby"));
  send(watcher, wire::Node("presence").set("type", "subscribe").set("to", bob()));
  EXPECT_EQ(watcher.last("presence"), nullptr);
  send(watcher, wire::Node("presence").set("type", "available").set("name", "Alice"));
  send(watcher, wire::Node("presence").set("type", "subscribe").set("to", bob()));
  send(watched, wire::Node("presence").set("type", "unavailable"));
  ASSERT_NE(watcher.last("presence"), nullptr);
  EXPECT_TRUE(watcher.last("presence")->is("type", "unavailable"));
  EXPECT_EQ(service->world().account(kBob)->name, "Bobby");
}

}  // namespace
}  // namespace pigeond::sandbox
