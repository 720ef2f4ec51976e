#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class FaultsOnDemand : public SandboxTest {
 protected:
  std::uint64_t fault(FaultKind kind, int code = 0, std::optional<std::uint64_t> count = std::nullopt) {
    Fault wanted;
    wanted.kind = kind;
    wanted.account = kAlice;
    wanted.code = code;
    wanted.count = count;
    return service->add_fault(now, wanted);
  }
  std::size_t seen_by_bob() { return service->phone(kBob)->log().since(0).size(); }
};

TEST_F(FaultsOnDemand, RefusesAsManyMessagesAsWanted) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::ack_error, 463, 1);
  send(who, text(who, "M1", bob(), "one"));
  EXPECT_EQ(last_error(who), "463");
  EXPECT_EQ(seen_by_bob(), 0u);
  send(who, text(who, "M2", bob(), "two"));
  EXPECT_EQ(who.all("ack").back().attr("error"), "");
  EXPECT_EQ(seen_by_bob(), 1u);
}

TEST_F(FaultsOnDemand, CanConcernOneRecipientOnly) {
  add("4915110000003");
  ScriptedClient& who = linked(kAlice);
  Fault wanted;
  wanted.kind = FaultKind::ack_error;
  wanted.code = 429;
  wanted.to = kBob;
  service->add_fault(now, wanted);
  send(who, text(who, "M1", wire::pn("4915110000003"), "one"));
  EXPECT_EQ(last_error(who), "");
  send(who, text(who, "M2", bob(), "two"));
  EXPECT_EQ(last_error(who), "429");
}

TEST_F(FaultsOnDemand, CanEndWithTheNextConnection) {
  ScriptedClient& who = linked(kAlice);
  Fault wanted;
  wanted.kind = FaultKind::ack_error;
  wanted.code = 400;
  wanted.until_reconnect = true;
  service->add_fault(now, wanted);
  for (const char* id : {"M1", "M2"}) {
    send(who, text(who, id, bob(), "x"));
    EXPECT_EQ(last_error(who), "400");
  }
  who.disconnect();
  log_in(who);
  send(who, text(who, "M3", bob(), "x"));
  EXPECT_EQ(who.all("ack").front().attr("error"), "");
}

TEST_F(FaultsOnDemand, CanSwallowAnAck) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::no_ack, 0, 1);
  const wire::Node message = text(who, "M1", bob(), "one");
  who.received.clear();
  send(who, message);
  for (const auto& ack : who.all("ack")) EXPECT_FALSE(ack.is("class", "message"));
  EXPECT_EQ(seen_by_bob(), 1u);
  send(who, message);  // with the same id, it is only acked
  EXPECT_EQ(seen_by_bob(), 1u);
  EXPECT_TRUE(who.last("ack")->is("id", "M1"));
}

TEST_F(FaultsOnDemand, CanCutTheLinkInsteadOfAnAck) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::drop, 0, 1);
  send(who, text(who, "M1", bob(), "one"));
  EXPECT_TRUE(who.closed);
  EXPECT_EQ(who.last("stream:error"), nullptr);
  EXPECT_EQ(seen_by_bob(), 1u);
}

TEST_F(FaultsOnDemand, CanFallSilent) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::silence, 0, 1);
  who.received.clear();
  send(who, who.iq("get", "w:p", wire::Node("ping")));
  ASSERT_TRUE(service->send_text(now, kBob, kAlice, "hello", ""));
  pump();
  EXPECT_TRUE(who.received.empty());
  EXPECT_FALSE(who.closed);
  who.disconnect();
  log_in(who);
  EXPECT_NE(who.last("message"), nullptr);  // nothing is lost
}

TEST_F(FaultsOnDemand, CanEndTheStreamWithACode) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::stream_error, 503, 1);
  send(who, who.iq("get", "w:p", wire::Node("ping")));
  EXPECT_TRUE(who.last("stream:error")->is("code", "503"));
  EXPECT_TRUE(who.closed);
}

TEST_F(FaultsOnDemand, CanLogADeviceOut) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::logout, 0, 1);
  send(who, who.iq("get", "w:p", wire::Node("ping")));
  EXPECT_TRUE(who.last("stream:error")->child("conflict")->is("type", "device_removed"));
  EXPECT_EQ(service->world().device(who.self), nullptr);
}

TEST_F(FaultsOnDemand, CanCutLinksFromOutside) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_EQ(*service->disconnect(now, kAlice, std::nullopt), 1u);
  pump();
  EXPECT_TRUE(who.closed);
  EXPECT_EQ(*service->disconnect(now, kAlice, std::nullopt), 0u);
  EXPECT_EQ(service->disconnect(now, kAlice, 9).cause(), Cause::not_found);
  EXPECT_EQ(service->disconnect(now, "1", std::nullopt).cause(), Cause::not_found);
}

TEST_F(FaultsOnDemand, CanBeTakenBack) {
  ScriptedClient& who = linked(kAlice);
  const auto id = fault(FaultKind::ack_error, 500);
  EXPECT_EQ(service->world().faults.all().size(), 1u);
  EXPECT_TRUE(service->world().faults.remove(id));
  EXPECT_FALSE(service->world().faults.remove(id));
  send(who, text(who, "M1", bob(), "one"));
  EXPECT_EQ(last_error(who), "");
}

TEST(FaultNames, CanBeReadBack) {
  for (int kind = 0; kind <= static_cast<int>(FaultKind::forged_device_identity); ++kind) {
    const auto value = static_cast<FaultKind>(kind);
    EXPECT_EQ(parse_fault_kind(fault_name(value)), value);
  }
  EXPECT_FALSE(parse_fault_kind("rain"));
}

}  // namespace
}  // namespace pigeond::sandbox
