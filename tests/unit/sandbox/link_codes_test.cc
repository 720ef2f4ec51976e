// Linking by a code: what the service refuses of a companion, and whom it passes a phone's answer on to.
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class LinkCodesTest : public SandboxTest {
 protected:
  ScriptedClient& shown() {
    ScriptedClient& who = client();
    connect(who, who.registration());
    send(who, who.pair_device_result());
    return who;
  }
  static wire::Node hello(ScriptedClient& who, const std::string& display = "Chrome (Linux)") {
    wire::Node reg("link_code_companion_reg");
    reg.set("jid", wire::pn(kAlice))
        .set("stage", "companion_hello")
        .set("should_show_push_notification", "true")
        .add(wire::Node("link_code_pairing_wrapped_companion_ephemeral_pub").body(Bytes(80, 1)))
        .add(wire::Node("companion_server_auth_key_pub").body(ByteView(who.noise_key.pub)))
        .add(wire::Node("companion_platform_id").body(as_bytes("1")))
        .add(wire::Node("companion_platform_display").body(as_bytes(display)))
        .add(wire::Node("link_code_pairing_nonce").body(Bytes{0}));
    return who.iq("set", "md", std::move(reg));
  }
  static std::string error_of(const wire::Node& answer) {
    const wire::Node* error = answer.child("error");
    return error == nullptr ? "" : error->attr("code");
  }
  Result<std::uint16_t> enter(const std::string& code) {
    std::optional<Result<std::uint16_t>> done;
    service->enter_code(now, kAlice, code, [&](Result<std::uint16_t> result) { done = std::move(result); });
    pump();
    return done ? *done : Result<std::uint16_t>(fail(Cause::connecting, "not yet"));
  }
};

TEST_F(LinkCodesTest, ABrowserAndASystemHaveToBeRealOnes) {
  ScriptedClient& who = shown();
  for (const char* display : {"Chrome (Linux)", "Safari (Mac OS)", "Chrome (Ubuntu)"})
    EXPECT_EQ(error_of(ask(who, hello(who, display))), "") << display;
  EXPECT_EQ(rules(), std::vector<std::string>{});
  for (const char* display :
       {"Chrome (pigeond)", "pigeond (Linux)", "Chrome", "Chrome(Linux)", "", "Chrome ()"})
    EXPECT_EQ(error_of(ask(who, hello(who, display))), "400") << display;
  EXPECT_TRUE(broke("link-code-hello"));
}

TEST_F(LinkCodesTest, EachOtherPartHasToBeRight) {
  using Spoil = void (*)(wire::Node & reg);
  const Spoil spoils[] = {
      [](wire::Node& reg) { reg.set("jid", wire::lid("1")); },
      [](wire::Node& reg) { reg.set("should_show_push_notification", "maybe"); },
      [](wire::Node& reg) { std::get<std::vector<wire::Node>>(reg.content)[0].body(Bytes(79, 1)); },
      [](wire::Node& reg) { std::get<std::vector<wire::Node>>(reg.content)[1].body(Bytes(32, 1)); },
      [](wire::Node& reg) { std::get<std::vector<wire::Node>>(reg.content)[2].body(as_bytes("0")); },
      [](wire::Node& reg) { std::get<std::vector<wire::Node>>(reg.content)[4].body(Bytes{1}); },
  };
  ScriptedClient& who = shown();
  for (const auto& spoil : spoils) {
    wire::Node iq = hello(who);
    spoil(std::get<std::vector<wire::Node>>(iq.content)[0]);
    EXPECT_EQ(error_of(ask(who, iq)), "400");
  }
}

TEST_F(LinkCodesTest, TooManyRequestsForANumberAreThrottledForATime) {
  ScriptedClient& who = shown();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(error_of(ask(who, hello(who))), "") << i;
  const wire::Node refused = ask(who, hello(who));
  EXPECT_EQ(error_of(refused), "400");
  EXPECT_TRUE(refused.child("error")->has("backoff"));
  EXPECT_EQ(rules(), std::vector<std::string>{});  // that is nobody's mistake
  ScriptedClient& later = shown();
  advance(2 * kMinute);
  EXPECT_EQ(error_of(ask(later, hello(later))), "400");
}

TEST_F(LinkCodesTest, WhoAskedLastForANumberIsToldThatACodeWasTyped) {
  ScriptedClient& first = shown();
  ScriptedClient& second = shown();
  EXPECT_EQ(enter("ABCD-EFGH").cause(), Cause::not_found);
  ask(first, hello(first));
  ask(second, hello(second));
  EXPECT_EQ(enter("not a code").cause(), Cause::bad_input);
  EXPECT_EQ(enter("abcd-efgh").cause(), Cause::connecting);
  EXPECT_EQ(first.last("notification"), nullptr);
  const wire::Node* news = second.last("notification");
  ASSERT_NE(news, nullptr);
  const wire::Node* reg = news->child("link_code_companion_reg");
  ASSERT_NE(reg, nullptr);
  EXPECT_TRUE(reg->is("stage", "primary_hello"));
  EXPECT_EQ(reg->child("link_code_pairing_wrapped_primary_ephemeral_pub")->bytes().size(), 80u);
}

TEST_F(LinkCodesTest, NobodyIsLinkedWithoutADemandedPasskeyNorWithOneThatNobodyDemanded) {
  NewAccount guarded;
  guarded.phone = "4915110000003";
  guarded.passkey = Passkey{{1}, Bytes(65, 4)};
  ASSERT_TRUE(service->add_account(now, guarded));
  ScriptedClient& who = shown();
  const std::string qr = who.qr();
  EXPECT_EQ(error_of(ask(who, who.iq("set", "md", wire::Node("companion_nonce").body(Bytes(32, 1))))), "400");
  EXPECT_TRUE(broke("passkey"));
  std::optional<Result<std::uint16_t>> scanned;
  service->scan(now, guarded.phone, qr, [&](Result<std::uint16_t> result) { scanned = std::move(result); });
  pump();
  EXPECT_FALSE(scanned);
  ASSERT_NE(who.last("notification"), nullptr);
  EXPECT_TRUE(who.last("notification")->is("type", "passkey_prologue_request"));
  for (const char* step : {"companion_nonce", "encrypted_pairing_request"})
    EXPECT_EQ(error_of(ask(who, who.iq("set", "md", wire::Node(step).body(Bytes(32, 1))))), "400") << step;
  EXPECT_EQ(service->world().account(guarded.phone)->devices.size(), 1u);
  advance(10 * kMinute);
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->cause(), Cause::timed_out);
}

}  // namespace
}  // namespace pigeond::sandbox
