// Linking an account that demands a passkey, against a server and a phone whose every step the test decides.
#include <gtest/gtest.h>

#include "crypto/aes.h"
#include "engine/pairing/link_code.h"
#include "engine/pairing/pairing.h"
#include "store/account/credentials.h"
#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

constexpr const char* kOptions =
    R"({"challenge":"Y2hhbGxlbmdl","rpId":"web.whatsapp.com","allowCredentials":[]})";

class PasskeyTest : public ::testing::Test {
 public:
  PasskeyTest() {
    world.account = crypto::generate_key_pair(world.random);
    world.start();
    show_qr();
  }
  void show_qr() {
    world.accept();
    world.send_pair_device();
    world.take([](const wire::Node& node) { return node.is("id", "pd1"); });
  }
  wire::Node news(const char* type) {
    wire::Node notification("notification");
    return notification.set("from", wire::service()).set("id", "n1").set("type", type);
  }
  void demand(const char* options = kOptions) {
    wire::Node notification = news("passkey_prologue_request");
    if (options != nullptr) notification.add(wire::Node("passkey_request_options").body(as_bytes(options)));
    world.send(notification);
  }
  void prove() {
    answered.reset();
    world.tick([&] {
      world.engine->ask_pairing(world.now, [&](Pairing& pairing) {
        pairing.passkey().prove({{1}, {2}, {3}, {4}, {}},
                                [this](Result<bool> done) { answered = std::move(done); });
      });
    });
  }
  void confirm() {
    answered.reset();
    world.tick([&] {
      world.engine->ask_pairing(world.now, [&](Pairing& pairing) {
        pairing.passkey().confirm([this](Result<bool> done) { answered = std::move(done); });
      });
    });
  }
  // Up to the prologue, which is the answer.
  std::optional<wire::Node> prologue() {
    prove();
    const auto ref = world.take_iq("md", "ref");
    if (!ref) return std::nullopt;
    world.answer(*ref, wire::Node("ref").body(as_bytes("ref-1")));
    return world.take_iq("md", "passkey_prologue");
  }
  void continuation(const Bytes& pub, const Bytes& nonce) {
    wa_PrimaryEphemeralIdentity identity{};
    identity.publicKey = pub;
    identity.nonce = nonce;
    world.send(news("crsc_continuation")
                   .add(wire::Node("primary_ephemeral_identity").body(wire::proto::encode(identity))));
  }
  // Up to the code that is shown.
  void reach_comparison() {
    demand();
    const auto sent = prologue();
    ASSERT_TRUE(sent);
    prologue_bytes = sent->path({"passkey_prologue", "prologue_payload"})->bytes();
    world.answer(*sent);
    continuation(to_bytes(phone.pub), Bytes(32, 7));
    const auto nonce = world.take_iq("md", "companion_nonce");
    ASSERT_TRUE(nonce);
    nonce_bytes = nonce->child("companion_nonce")->bytes();
    world.answer(*nonce);
  }
  Key32 stored_secret() { return store::CredentialsTable(*world.database, world.session).load()->adv_secret; }
  const StateChanged& last() { return world.states.back(); }

  World world;
  crypto::KeyPair phone = crypto::generate_key_pair(world.random);
  std::optional<Result<bool>> answered;
  Bytes prologue_bytes, nonce_bytes;
};

TEST_F(PasskeyTest, ShowsWhatIsToBeSignedInsteadOfTheQr) {
  demand();
  EXPECT_TRUE(world.take([](const wire::Node& node) { return node.tag == "ack" && node.is("id", "n1"); }));
  EXPECT_EQ(last().state, State::passkey);
  EXPECT_EQ(last().asked, R"({"challenge":"Y2hhbGxlbmdl","rpId":"web.whatsapp.com","allowCredentials":[]})");
  EXPECT_FALSE(world.engine->qr());
  const int connects = world.connects;
  world.advance(9 * kMinute);  // long after the QRs have lapsed
  EXPECT_EQ(world.connects, connects);
  EXPECT_EQ(world.engine->state(), State::passkey);
}

TEST_F(PasskeyTest, AsksForOptionsThatAreMissingOrUnreadable) {
  for (const char* options : {static_cast<const char*>(nullptr), "{}", "no JSON"}) {
    demand(options);
    const auto iq = world.take_iq("md", "passkey_request_options");
    ASSERT_TRUE(iq);
    EXPECT_TRUE(iq->is("type", "get"));
    world.answer(*iq, wire::Node("passkey_request_options").body(as_bytes(kOptions)));
    EXPECT_EQ(world.engine->state(), State::passkey);
  }
}

TEST_F(PasskeyTest, PassesOverADemandThatIsNotTheServices) {
  wire::Node forged = news("passkey_prologue_request");
  forged.attributes[0].value = wire::pn("491111111");
  world.send(forged.add(wire::Node("passkey_request_options").body(as_bytes(kOptions))));
  EXPECT_EQ(world.engine->state(), State::pairing);
  EXPECT_TRUE(world.engine->qr());
}

TEST_F(PasskeyTest, CommitsToItsKeyAndNonceAndShowsNoProofOfAnEarlierLink) {
  reach_comparison();
  const auto payload = wire::proto::decode<wa_ProloguePayload>(prologue_bytes);
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->commitment.hash,
            to_bytes(crypto::sha256({payload->companionEphemeralIdentity, nonce_bytes})));
  const auto identity =
      wire::proto::decode<wa_CompanionEphemeralIdentity>(payload->companionEphemeralIdentity);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->deviceType, 1);
  EXPECT_EQ(identity->ref, "ref-1");
  EXPECT_TRUE(answered && *answered);
  EXPECT_EQ(last().state, State::comparison);
  EXPECT_EQ(last().asked.size(), 9u);
}

TEST_F(PasskeyTest, SendsTheAssertionAsTheServiceReadsIt) {
  demand();
  const auto sent = prologue();
  ASSERT_TRUE(sent);
  const auto& child = *sent->child("passkey_prologue");
  EXPECT_EQ(child.child("credential_id")->bytes(), Bytes{1});
  EXPECT_EQ(child.child("webauthn_assertion")->text(),
            R"({"id":"AQ","rawId":"AQ","type":"public-key","response":{"clientDataJSON":"Ag",)"
            R"("authenticatorData":"Aw","signature":"BA","userHandle":null}})");
  EXPECT_EQ(child.child("pairing_handoff_proof"), nullptr);
  EXPECT_FALSE(answered);  // not before the service has taken it
}

TEST_F(PasskeyTest, LinksUnderASecretThatIsStoredOnlyThen) {
  reach_comparison();
  const Key32 before = stored_secret();
  confirm();
  const auto sent = world.take_iq("md", "encrypted_pairing_request");
  ASSERT_TRUE(sent);
  const auto sealed =
      wire::proto::decode<wa_EncryptedPairingRequest>(sent->child("encrypted_pairing_request")->bytes());
  ASSERT_TRUE(sealed);
  const auto payload = wire::proto::decode<wa_ProloguePayload>(prologue_bytes);
  const auto identity =
      wire::proto::decode<wa_CompanionEphemeralIdentity>(payload->companionEphemeralIdentity);
  const auto shared = crypto::agree(phone.priv, identity->publicKey);
  const Bytes key = crypto::hkdf_sha256(as_bytes("Companion Pairing 1 with ref ref-1"), *shared,
                                        as_bytes("Pairing Information Encryption Key"), 32);
  const auto opened = crypto::aes_gcm_open(key, sealed->IV, {}, sealed->encryptedPayload);
  ASSERT_TRUE(opened);
  const auto request = wire::proto::decode<wa_PairingRequest>(*opened);
  EXPECT_EQ(request->companionPublicKey, to_bytes(world.engine->credentials().noise.pub));
  EXPECT_EQ(request->companionIdentityKey, to_bytes(world.engine->credentials().identity.pub));
  Key32 secret{};
  ASSERT_EQ(request->advSecret.size(), secret.size());
  std::copy(request->advSecret.begin(), request->advSecret.end(), secret.begin());
  world.answer(*sent);
  EXPECT_TRUE(answered && *answered);
  EXPECT_EQ(stored_secret(), before);
  world.send_pair_success(world.device_identity({world.account}, secret));
  EXPECT_TRUE(world.engine->credentials().linked());
  EXPECT_EQ(stored_secret(), secret);
}

TEST_F(PasskeyTest, ASignatureThatIsRefusedCostsItsChallengeAlone) {
  demand();
  const auto sent = prologue();
  ASSERT_TRUE(sent);
  world.refuse(*sent, 401);
  ASSERT_TRUE(answered && !*answered);
  EXPECT_EQ(answered->cause(), Cause::not_allowed);
  EXPECT_EQ(answered->error().code, 401);
  const auto iq = world.take_iq("md", "passkey_request_options");
  ASSERT_TRUE(iq);
  EXPECT_EQ(world.engine->state(), State::passkey);
  world.answer(*iq, wire::Node("passkey_request_options").body(as_bytes(R"({"challenge":"YW5vdGhlcg"})")));
  EXPECT_EQ(last().asked, R"({"challenge":"YW5vdGhlcg","allowCredentials":[]})");
  EXPECT_TRUE(prologue());
}

TEST_F(PasskeyTest, WhateverEndsItLeavesAnotherQrWithTheSameSecret) {
  const auto ends = {
      +[](PasskeyTest& test) { test.world.advance(10 * kMinute); },  // nobody signs
      +[](PasskeyTest& test) {                                       // nobody compares
        test.reach_comparison();
        test.world.advance(10 * kMinute);
      },
      +[](PasskeyTest& test) {  // the phone's key is none
        test.world.answer(*test.prologue());
        test.continuation(Bytes(31, 9), Bytes(32, 7));
      },
      +[](PasskeyTest& test) {
        test.world.answer(*test.prologue());
        test.continuation(Bytes(32, 0), Bytes(32, 7));
      },
      +[](PasskeyTest& test) {  // the service refuses the last step
        test.reach_comparison();
        test.confirm();
        test.world.refuse(*test.world.take_iq("md", "encrypted_pairing_request"), 400);
      },
      +[](PasskeyTest& test) {  // the phone does
        test.reach_comparison();
        test.confirm();
        test.world.answer(*test.world.take_iq("md", "encrypted_pairing_request"));
        test.world.advance(kMinute);
      },
  };
  const Key32 secret = stored_secret();
  for (const auto& end : ends) {
    demand();
    const int connects = world.connects;
    end(*this);
    ASSERT_EQ(world.connects, connects + 1);
    show_qr();
    ASSERT_EQ(world.engine->state(), State::pairing);
    EXPECT_TRUE(last().cause);
    EXPECT_EQ(last().asked, "");
    EXPECT_EQ(world.shown_secret(), secret);
    EXPECT_EQ(stored_secret(), secret);
  }
  world.send_pair_success(world.device_identity({world.account}));
  EXPECT_TRUE(world.engine->credentials().linked());
}

TEST_F(PasskeyTest, GoesWithItsLink) {
  reach_comparison();
  world.drop();
  world.advance(kMinute);
  show_qr();
  ASSERT_TRUE(last().cause);
  EXPECT_EQ(last().cause->cause, Cause::link_lost);
  confirm();
  ASSERT_TRUE(answered && !*answered);
  EXPECT_EQ(answered->cause(), Cause::not_linked);
}

TEST_F(PasskeyTest, TakesOneSignatureAtATimeAndNoneThatIsNotWanted) {
  prove();
  EXPECT_EQ(answered->cause(), Cause::not_linked);
  demand();
  confirm();
  EXPECT_EQ(answered->cause(), Cause::not_linked);
  ASSERT_TRUE(prologue());
  prove();
  EXPECT_EQ(answered->cause(), Cause::already_exists);
}

TEST_F(PasskeyTest, ADemandAnewTakesThePlaceOfTheOneBefore) {
  demand();
  ASSERT_TRUE(prologue());
  demand(R"({"challenge":"YW5vdGhlcg"})");
  ASSERT_TRUE(answered && !*answered);
  EXPECT_EQ(answered->cause(), Cause::cancelled);
  EXPECT_EQ(last().asked, R"({"challenge":"YW5vdGhlcg","allowCredentials":[]})");
}

}  // namespace
}  // namespace pigeond::engine
