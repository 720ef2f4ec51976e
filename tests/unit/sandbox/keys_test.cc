#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class Keys : public SandboxTest {
 protected:
  std::uint64_t count(ScriptedClient& who) {
    return ask(who, who.iq("get", "encrypt", wire::Node("count")))
        .child("count")
        ->number("value")
        .value_or(999);
  }
  static Bytes key_id(const wire::Node& bundle) {
    const wire::Node* id = bundle.path({"list", "user", "key", "id"});
    return id == nullptr ? Bytes() : id->bytes();
  }
};

TEST_F(Keys, CountsWhatWasUploaded) {
  ScriptedClient& who = linked(kAlice, 20);
  // The phone took one for the session in which it greeted this device.
  EXPECT_EQ(count(who), 19u);
  send(who, who.upload(21, 5));
  EXPECT_EQ(count(who), 24u);
}

TEST_F(Keys, GivesEachOneTimeKeyToOneAsker) {
  ScriptedClient& who = linked(kAlice, 20);
  ScriptedClient& other = linked(kBob);
  std::set<Bytes> seen;
  for (int i = 0; i < 19; ++i) {
    const Bytes id = key_id(ask(i % 2 == 0 ? other : who, other.fetch(alice(who.self.number))));
    EXPECT_EQ(id.size(), 3u);
    EXPECT_TRUE(seen.insert(id).second) << hex_lower(id);
    other.received.clear();
    who.received.clear();
  }
  const wire::Node last = ask(other, other.fetch(alice(who.self.number)));
  EXPECT_TRUE(key_id(last).empty());
  EXPECT_NE(last.path({"list", "user", "skey"}), nullptr);  // a session needs no one-time key
}

TEST_F(Keys, TellsADeviceThatItsKeysRunOut) {
  ScriptedClient& who = linked(kAlice, 7);
  ScriptedClient& other = linked(kBob);
  who.received.clear();
  EXPECT_EQ(who.last("notification"), nullptr);
  for (int i = 0; i < 3; ++i) ask(other, other.fetch(alice(who.self.number)));
  ASSERT_EQ(who.all("notification").size(), 1u);  // once, not with every key
  const wire::Node& note = *who.last("notification");
  EXPECT_TRUE(note.is("type", "encrypt"));
  EXPECT_TRUE(note.child("count")->is("value", "4"));
}

TEST_F(Keys, HandsOutWhatTheDeviceSignedWithItsIdentity) {
  ScriptedClient& who = linked(kAlice);
  ScriptedClient& other = linked(kBob);
  const wire::Node answer = ask(other, other.fetch(alice(who.self.number)));
  const wire::Node* user = answer.path({"list", "user"});
  const auto bundle = read_bundle(*user, *user);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->identity, who.identity.pub);
  EXPECT_TRUE(
      crypto::verify(bundle->identity, crypto::with_type_byte(bundle->signed_pre_key), bundle->signature));
  auto shown = wire::proto::decode<wa_ADVSignedDeviceIdentity>(user->child("device-identity")->bytes());
  ASSERT_TRUE(shown);
  EXPECT_TRUE(shown->accountSignatureKey.empty())
      << "the phone's identity key, which is to be had from the phone";
  const wire::Node phone = ask(other, other.fetch(alice(0)));
  shown->accountSignatureKey = phone.path({"list", "user", "identity"})->bytes();
  EXPECT_TRUE(account_signature_holds(*shown, who.identity.pub));
}

TEST_F(Keys, CanForgeWhatAnAccountSaysOfItsCompanion) {
  ScriptedClient& who = linked(kAlice);
  ScriptedClient& other = linked(kBob);
  Fault fault;
  fault.kind = FaultKind::forged_device_identity;
  service->add_fault(now, fault);
  const wire::Node answer = ask(other, other.fetch(alice(who.self.number)));
  auto shown = wire::proto::decode<wa_ADVSignedDeviceIdentity>(
      answer.path({"list", "user", "device-identity"})->bytes());
  ASSERT_TRUE(shown);
  shown->accountSignatureKey = ask(other, other.fetch(alice(0))).path({"list", "user", "identity"})->bytes();
  EXPECT_FALSE(account_signature_holds(*shown, who.identity.pub));
}

TEST_F(Keys, CanForgeASignedPreKey) {
  ScriptedClient& who = linked(kAlice);
  Fault fault;
  fault.kind = FaultKind::forged_signed_pre_key;
  fault.account = kBob;
  service->add_fault(now, fault);
  const wire::Node answer = ask(who, who.fetch(bob()));
  const wire::Node* user = answer.path({"list", "user"});
  const auto bundle = read_bundle(*user, *user);
  EXPECT_FALSE(
      crypto::verify(bundle->identity, crypto::with_type_byte(bundle->signed_pre_key), bundle->signature));
}

TEST_F(Keys, AnswersWithAnErrorForDevicesThatDoNotExist) {
  ScriptedClient& who = linked(kAlice);
  const wire::Node answer = ask(who, who.fetch(bob(5)));
  EXPECT_TRUE(answer.path({"list", "user", "error"})->is("code", "404"));
}

TEST_F(Keys, RefusesUploadsThatDoNotFitTheDevice) {
  using Spoil = void (*)(ScriptedClient&);
  const Spoil spoils[] = {
      [](ScriptedClient& who) { who.signed_key.signature[3] ^= 1; },
      [](ScriptedClient& who) { who.identity.pub[3] ^= 1; },
      [](ScriptedClient& who) { who.signed_key.key.pub[3] ^= 1; },
  };
  for (const auto& spoil : spoils) {
    restart({});
    ScriptedClient& who = linked(kAlice);
    spoil(who);
    const wire::Node answer = ask(who, who.upload(100, 2));
    EXPECT_TRUE(answer.is("type", "error"));
    EXPECT_EQ(rules(), std::vector<std::string>{"pre-key-upload"});
  }
}

TEST_F(Keys, ReportsAKeyIdThatIsOfferedTwice) {
  ScriptedClient& who = linked(kAlice, 20);
  const auto before = count(who);
  ask(who, who.upload(20, 2));
  EXPECT_EQ(rules(), std::vector<std::string>{"pre-key-id-reused"});
  EXPECT_EQ(count(who), before + 1);
}

TEST_F(Keys, DigestsWhatItHolds) {
  ScriptedClient& who = linked(kAlice, 3);
  const wire::Node answer = ask(who, who.iq("get", "encrypt", wire::Node("digest")));
  const wire::Node* digest = answer.child("digest");
  ASSERT_NE(digest, nullptr);
  Bytes all = concat({who.identity.pub, who.signed_key.key.pub, who.signed_key.signature});
  for (const auto& id : digest->child("list")->children()) {
    const auto key = who.store.load_pre_key(static_cast<std::uint32_t>(read_be(id.bytes())));
    ASSERT_TRUE(key);
    all.insert(all.end(), key->key.pub.begin(), key->key.pub.end());
  }
  EXPECT_EQ(digest->child("hash")->bytes(), to_bytes(crypto::sha1({all})));
}

TEST_F(Keys, TakesARotatedSignedPreKeyThatIsSigned) {
  ScriptedClient& who = linked(kAlice);
  who.signed_key = signal::make_signed_pre_key(2, who.identity, 0, random);
  auto skey = who.upload(50, 1).children().back();
  EXPECT_TRUE(ask(who, who.iq("set", "encrypt", wire::Node("rotate").add(skey))).is("type", "result"));
  EXPECT_EQ(service->world().device(who.self)->signed_key.value, who.signed_key.key.pub);
  who.signed_key.signature[0] ^= 1;
  skey = who.upload(51, 1).children().back();
  EXPECT_TRUE(ask(who, who.iq("set", "encrypt", wire::Node("rotate").add(skey))).is("type", "error"));
  EXPECT_EQ(rules(), std::vector<std::string>{"pre-key-upload"});
}

}  // namespace
}  // namespace pigeond::sandbox
