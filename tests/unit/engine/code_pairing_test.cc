// Linking by a code, against a server and a phone whose every step the test decides.
#include <gtest/gtest.h>

#include "crypto/aes.h"
#include "engine/pairing/link_code.h"
#include "engine/pairing/pairing.h"
#include "store/account/credentials.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

class CodePairingTest : public ::testing::Test {
 protected:
  CodePairingTest() {
    world.start();
    show_qr();
  }
  void show_qr() {
    world.accept();
    world.send_pair_device();
    world.take([](const wire::Node& node) { return node.is("id", "pd1"); });
  }
  void request(const std::string& phone = kPhone) {
    asked.reset();
    world.tick([&] {
      world.engine->ask_pairing(world.now, [&](Pairing& pairing) {
        pairing.request_code(phone, [this](Result<LinkCode> code) { asked = std::move(code); });
      });
    });
  }
  // companion_hello as it came, once the engine has done its sums.
  std::optional<wire::Node> hello() {
    world.advance(0);
    return world.take_iq("md", "link_code_companion_reg");
  }
  // The code, as far as the service is concerned.
  std::string code(const std::string& ref = "ref1") {
    request();
    const auto iq = hello();
    if (!iq) return {};
    wrapped =
        iq->path({"link_code_companion_reg", "link_code_pairing_wrapped_companion_ephemeral_pub"})->bytes();
    world.answer(
        *iq,
        wire::Node("link_code_companion_reg").add(wire::Node("link_code_pairing_ref").body(to_bytes(ref))));
    return asked && *asked ? (*asked)->text : std::string();
  }
  wire::Node news(const char* stage, const std::string& ref) {
    wire::Node reg("link_code_companion_reg");
    reg.set("stage", stage).add(wire::Node("link_code_pairing_ref").body(to_bytes(ref)));
    wire::Node notification("notification");
    return notification.set("from", wire::service())
        .set("id", "n1")
        .set("type", "link_code_companion_reg")
        .add(std::move(reg));
  }
  // What the phone sends when somebody has typed a code there.
  wire::Node primary_hello(const std::string& shown, const std::string& ref = "ref1") {
    const std::string letters = shown.substr(0, 4) + shown.substr(5);
    const auto code_key = [&](ByteView salt) {
      auto stretching = stretched(letters, salt);
      stretching.advance(131072);
      return stretching.key();
    };
    const Bytes salt = world.random.bytes(32);
    companion_ephemeral = unwrap_key(code_key(wrapped), wrapped);
    wire::Node notification = news("primary_hello", ref);
    auto& reg = std::get<std::vector<wire::Node>>(notification.content).front();
    reg.add(wire::Node("link_code_pairing_wrapped_primary_ephemeral_pub")
                .body(wrap_key(code_key(salt), salt, ephemeral.pub, world.random)))
        .add(wire::Node("primary_identity_pub").body(ByteView(world.account.pub)));
    return notification;
  }
  // The ADV secret that the phone finds in companion_finish.
  std::optional<Key32> finish(std::optional<wire::Node>* iq_out = nullptr) {
    world.advance(0);
    const auto iq = world.take_iq("md", "link_code_companion_reg");
    if (!iq) return std::nullopt;
    if (iq_out != nullptr) *iq_out = iq;
    const Bytes bundle =
        iq->path({"link_code_companion_reg", "link_code_pairing_wrapped_key_bundle"})->bytes();
    const ByteView bytes(bundle);
    const auto shared = crypto::agree(ephemeral.priv, companion_ephemeral);
    const auto identities = crypto::agree(world.account.priv, world.engine->credentials().identity.pub);
    const Bytes key = crypto::hkdf_sha256(bytes.first(32), *shared,
                                          as_bytes("link_code_pairing_key_bundle_encryption_key"), 32);
    const auto opened = crypto::aes_gcm_open(key, bytes.subspan(32, 12), {}, bytes.subspan(44));
    if (!opened) return std::nullopt;
    const Bytes secret = crypto::hkdf_sha256({}, concat({*shared, *identities, ByteView(*opened).last(32)}),
                                             as_bytes("adv_secret"), 32);
    Key32 out;
    std::copy(secret.begin(), secret.end(), out.begin());
    return out;
  }
  Key32 stored_secret() { return store::CredentialsTable(*world.database, world.session).load()->adv_secret; }
  void pair_success(const Key32& secret) {
    world.send_pair_success(world.device_identity({world.account}, secret));
  }

  static constexpr const char* kPhone = "491234567";
  World world;
  crypto::KeyPair ephemeral = crypto::generate_key_pair(world.random);
  std::optional<Result<LinkCode>> asked;
  Bytes wrapped;
  Key32 companion_ephemeral{};
};

TEST_F(CodePairingTest, AsksUnderARealBrowsersName) {
  request();
  const auto iq = hello();
  ASSERT_TRUE(iq);
  const auto& reg = *iq->child("link_code_companion_reg");
  EXPECT_TRUE(reg.is("stage", "companion_hello"));
  EXPECT_EQ(reg.jid("jid"), wire::pn(kPhone));
  EXPECT_EQ(reg.child("companion_platform_display")->text(), "Chrome (Linux)");
  EXPECT_EQ(reg.child("companion_platform_id")->text(), "1");
  EXPECT_EQ(reg.child("companion_server_auth_key_pub")->bytes(),
            to_bytes(world.engine->credentials().noise.pub));
  EXPECT_EQ(reg.child("link_code_pairing_nonce")->bytes(), Bytes{0});
  EXPECT_FALSE(asked);  // not before the service knows it
}

TEST_F(CodePairingTest, LinksUnderTheSecretThatThePhoneFoundInTheBundle) {
  world.account = crypto::generate_key_pair(world.random);
  const std::string shown = code();
  const Key32 before = stored_secret();
  world.send(primary_hello(shown));
  EXPECT_TRUE(world.take([](const wire::Node& node) { return node.tag == "ack" && node.is("id", "n1"); }));
  const auto secret = finish();
  ASSERT_TRUE(secret);
  EXPECT_EQ(stored_secret(), before);  // not before it is proved
  pair_success(*secret);
  EXPECT_TRUE(world.engine->credentials().linked());
  EXPECT_EQ(stored_secret(), *secret);
}

TEST_F(CodePairingTest, LeavesTheQrGoodWhateverBecameOfTheCode) {
  world.account = crypto::generate_key_pair(world.random);
  world.send(primary_hello(code()));
  ASSERT_TRUE(finish());
  pair_success(world.shown_secret());
  EXPECT_TRUE(world.engine->credentials().linked());
}

TEST_F(CodePairingTest, AnswersThreeTriesAndNoFourth) {
  const std::string shown = code();
  world.account = crypto::generate_key_pair(world.random);
  for (int i = 0; i < 3; ++i) {
    world.send(primary_hello(shown));
    EXPECT_TRUE(finish()) << i;
  }
  world.send(primary_hello(shown));
  EXPECT_FALSE(finish());
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::expired);
}

TEST_F(CodePairingTest, PassesOverWhatIsAboutAnotherCodeOrComesFromSomebodyElse) {
  world.account = crypto::generate_key_pair(world.random);
  const std::string shown = code("ref1");
  world.send(primary_hello(shown, "ref2"));
  EXPECT_FALSE(finish());
  wire::Node forged = primary_hello(shown);
  for (auto& attribute : forged.attributes)
    if (attribute.name == "from") attribute.value = wire::pn("491111111");
  world.send(forged);
  EXPECT_FALSE(finish());
  world.send(primary_hello(shown));
  EXPECT_TRUE(finish());
}

TEST_F(CodePairingTest, EndsAfterThreeMinutesOnALinkThatStaysSoLong) {
  const std::string shown = code();
  const int connects = world.connects;
  world.advance(160 * kSecond);  // the QRs have all lapsed
  EXPECT_EQ(world.connects, connects);
  EXPECT_FALSE(world.engine->qr());
  world.advance(21 * kSecond);
  EXPECT_EQ(world.connects, connects + 1);  // for QRs
  ASSERT_FALSE(shown.empty());
}

TEST_F(CodePairingTest, MakesANewLinkWhereTheOldOneWouldNotSeeTheCodeThrough) {
  world.advance(31 * kSecond);
  const int connects = world.connects;
  request();
  EXPECT_EQ(world.connects, connects + 1);
  EXPECT_EQ(world.engine->state(), State::connecting);
  show_qr();
  EXPECT_TRUE(hello());
}

TEST_F(CodePairingTest, TellsWhoAskedThatItIsThrottledAndForHowLong) {
  for (const int code : {400, 429}) {
    request();
    const auto iq = hello();
    ASSERT_TRUE(iq);
    wire::Node refusal("iq");
    refusal.set("from", wire::service()).set("type", "error").set("id", iq->attr("id"));
    refusal.add(wire::Node("error").set("code", std::to_string(code)).set("text", "no").set("backoff", "90"));
    world.send(refusal);
    ASSERT_TRUE(asked && !*asked);
    EXPECT_EQ(asked->cause(), Cause::rate_limited);
    EXPECT_EQ(asked->error().code, code);
    EXPECT_EQ(asked->error().retry_after, 90 * kSecond);
    EXPECT_FALSE(world.states.back().cause);  // who asked knows
  }
}

TEST_F(CodePairingTest, ARequestTakesThePlaceOfTheOneBefore) {
  request();
  std::optional<Result<LinkCode>> first;
  world.tick([&] {
    world.engine->ask_pairing(world.now, [&](Pairing& pairing) {
      pairing.request_code(kPhone, [&](Result<LinkCode> code) { first = std::move(code); });
    });
  });
  ASSERT_TRUE(asked && !*asked);
  EXPECT_EQ(asked->cause(), Cause::cancelled);
  const auto iq = hello();
  ASSERT_TRUE(iq);
  EXPECT_FALSE(hello());  // one is enough
  world.answer(
      *iq,
      wire::Node("link_code_companion_reg").add(wire::Node("link_code_pairing_ref").body(to_bytes("r"))));
  EXPECT_TRUE(first && *first);
}

TEST_F(CodePairingTest, GoesWithItsLink) {
  world.account = crypto::generate_key_pair(world.random);
  const std::string shown = code();
  world.drop();
  world.advance(kMinute);
  show_qr();
  world.send(primary_hello(shown));
  EXPECT_FALSE(finish());
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::link_lost);
}

TEST_F(CodePairingTest, StaysWhenANewerVersionOfTheClientIsLearnt) {
  ASSERT_FALSE(code().empty());
  const int before = world.connects;
  world.tick([&] { world.engine->version_raised(world.now); });
  world.advance(kSecond);
  EXPECT_EQ(world.connects, before) << "the link goes on on which a person types";
  EXPECT_EQ(world.engine->state(), State::pairing);
}

TEST_F(CodePairingTest, TellsThatThePhoneDidNotTakeIt) {
  world.account = crypto::generate_key_pair(world.random);
  world.send(primary_hello(code()));
  ASSERT_TRUE(finish());
  world.advance(kMinute);
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::timed_out);
  EXPECT_EQ(world.engine->state(), State::pairing);
}

TEST_F(CodePairingTest, ARefusalOfTheBundleEndsIt) {
  world.account = crypto::generate_key_pair(world.random);
  world.send(primary_hello(code()));
  std::optional<wire::Node> iq;
  const auto secret = finish(&iq);
  ASSERT_TRUE(secret && iq);
  world.refuse(*iq, 500);
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->code, 500);
  pair_success(*secret);  // is nobody's secret any more
  EXPECT_FALSE(world.engine->credentials().linked());
}

TEST_F(CodePairingTest, AnAccountThatSendsNoKeyIsLeftToItsPasskey) {
  const std::string shown = code();
  world.send(news("primary_hello", "ref1"));
  EXPECT_FALSE(finish());
  EXPECT_FALSE(world.states.back().cause);
}

TEST_F(CodePairingTest, ANewSecretForTheQrDoesNotTouchTheCode) {
  world.account = crypto::generate_key_pair(world.random);
  world.send(primary_hello(code()));
  const auto secret = finish();
  ASSERT_TRUE(secret);
  const auto refresh = [&](const char* child) {
    wire::Node notification("notification");
    notification.set("from", wire::service())
        .set("id", "n2")
        .set("type", "companion_reg_refresh")
        .add(wire::Node(child));
    world.send(notification);
  };
  const Key32 before = world.shown_secret();
  refresh("something");
  EXPECT_EQ(world.shown_secret(), before);
  refresh("companion_reg_refresh");
  EXPECT_NE(world.shown_secret(), before);
  pair_success(*secret);
  EXPECT_TRUE(world.engine->credentials().linked());
}

TEST_F(CodePairingTest, ANumberThatIsNoneIsRefused) {
  for (const char* phone : {"", "123456", "0491234567", "49123456x", "1234567890123456"}) {
    request(phone);
    ASSERT_TRUE(asked && !*asked) << phone;
    EXPECT_EQ(asked->cause(), Cause::bad_input);
  }
}

}  // namespace
}  // namespace pigeond::engine
