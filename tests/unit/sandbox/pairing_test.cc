#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class Pairing : public SandboxTest {
 protected:
  // What scanning the client's QR came to.
  std::optional<Result<std::uint16_t>> scan(const std::string& qr) {
    service->scan(now, kAlice, qr, [this](Result<std::uint16_t> result) { scanned = std::move(result); });
    pump();
    return scanned;
  }
  std::optional<Result<std::uint16_t>> scanned;
};

TEST_F(Pairing, OffersSixReferencesToANewClient) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  const wire::Node* offer = who.last("iq")->child("pair-device");
  ASSERT_NE(offer, nullptr);
  std::set<std::string> refs;
  offer->each("ref", [&](const wire::Node& ref) { refs.insert(ref.text()); });
  EXPECT_EQ(refs.size(), 6u);
}

TEST_F(Pairing, MakesADeviceOfACompanionThatConfirms) {
  ScriptedClient& who = client();
  pair(who, kAlice);
  EXPECT_TRUE(who.account_signature_held());
  EXPECT_TRUE(who.last("stream:error")->is("code", "515"));
  EXPECT_TRUE(who.closed);
  EXPECT_EQ(service->world().account(kAlice)->devices.size(), 2u);
  connect(who, who.login());
  ASSERT_NE(who.last("success"), nullptr);
  EXPECT_EQ(who.last("success")->jid("lid"),
            service->world().account(kAlice)->jid(Form::lid, who.self.number));
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Pairing, NumbersTheDevicesOfAnAccountOneAfterTheOther) {
  EXPECT_EQ(linked(kAlice).self.number, 1);
  EXPECT_EQ(linked(kAlice).self.number, 2);
  EXPECT_EQ(linked(kBob).self.number, 1);
}

TEST_F(Pairing, ReportsEachWrongPartOfARegistration) {
  using Spoil = void (*)(wa_ClientPayload_DevicePairingRegistrationData&);
  const Spoil spoils[] = {
      [](auto& data) { data.eRegid = {}; },          [](auto& data) { data.eRegid = {1, 2, 3}; },
      [](auto& data) { data.eKeytype = {6}; },       [](auto& data) { data.eIdent.pop_back(); },
      [](auto& data) { data.eSkeyID = {1}; },        [](auto& data) { data.eSkeyVal[5] ^= 1; },
      [](auto& data) { data.eSkeySig[9] ^= 1; },     [](auto& data) { data.buildHash[0] ^= 1; },
      [](auto& data) { data.deviceProps = {0xff}; },
  };
  for (const auto& spoil : spoils) {
    restart({});
    ScriptedClient& who = client();
    auto payload = who.registration();
    spoil(payload.devicePairingData);
    connect(who, payload);
    EXPECT_EQ(rules(), std::vector<std::string>{"registration-payload"});
    EXPECT_NE(who.last("failure"), nullptr);
    EXPECT_TRUE(who.closed);
  }
}

TEST_F(Pairing, RefusesADeviceSignatureThatDoesNotHold) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  send(who, who.pair_device_result());
  scan(who.qr());
  const crypto::KeyPair own = who.identity;
  who.identity = crypto::generate_key_pair(random);  // signs with a key that was never registered
  send(who, who.pair_device_sign());
  who.identity = own;
  ASSERT_TRUE(scanned);
  EXPECT_FALSE(*scanned);
  EXPECT_EQ(rules(), std::vector<std::string>{"device-signature"});
  EXPECT_EQ(service->world().account(kAlice)->devices.size(), 1u);
}

TEST_F(Pairing, RefusesAQrWhoseKeysAreNotTheClients) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  who.identity = crypto::generate_key_pair(random);
  const auto result = scan(who.qr());
  ASSERT_TRUE(result && !*result);
  EXPECT_TRUE(broke("qr-mismatch"));
}

TEST_F(Pairing, RefusesCodesThatNobodyShows) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  const std::string qr = who.qr();
  EXPECT_EQ(scan("nonsense")->cause(), Cause::bad_input);
  who.disconnect();
  scanned.reset();
  EXPECT_EQ(scan(qr)->cause(), Cause::not_found);
}

TEST_F(Pairing, TellsTheScannerWhenTheCompanionNeverConfirms) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  send(who, who.pair_device_result());
  scan(who.qr());
  EXPECT_FALSE(scanned);
  advance(service->world().policy.scan_time);
  ASSERT_TRUE(scanned && !*scanned);
  EXPECT_EQ(scanned->cause(), Cause::timed_out);
}

TEST_F(Pairing, TellsTheScannerWhenTheCompanionRefuses) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  send(who, who.pair_device_result());
  scan(who.qr());
  wire::Node refusal("iq");
  refusal.set("type", "error").set("id", who.last("iq")->attr("id")).set("to", wire::service());
  refusal.add(wire::Node("error").set("code", "401").set("text", "signature-mismatch"));
  send(who, refusal);
  ASSERT_TRUE(scanned && !*scanned);
  EXPECT_EQ(scanned->cause(), Cause::bad_signature);
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(Pairing, ClosesALinkThatNobodyScans) {
  ScriptedClient& who = client();
  connect(who, who.registration());
  advance(service->world().policy.pairing_time - 1);
  EXPECT_FALSE(who.closed);
  advance(1);
  EXPECT_TRUE(who.closed);
}

TEST_F(Pairing, ShowsACertificateChainBelowItsOwnRoot) {
  ScriptedClient& who = client();
  who.root_key = identity.authority.root.pub;
  connect(who, who.registration());
  EXPECT_TRUE(who.chain_holds);
}

TEST_F(Pairing, CanForgeItsCertificateForOneHandshake) {
  Fault fault;
  fault.kind = FaultKind::forged_certificate;
  fault.count = 1;
  service->add_fault(now, fault);
  for (const bool holds : {false, true}) {
    ScriptedClient& who = client();
    who.root_key = identity.authority.root.pub;
    connect(who, who.registration());
    EXPECT_EQ(who.chain_holds, holds);
  }
}

TEST_F(Pairing, CanForgeTheAccountsSignature) {
  Fault fault;
  fault.kind = FaultKind::forged_account_signature;
  fault.account = kAlice;
  service->add_fault(now, fault);
  ScriptedClient& who = client();
  connect(who, who.registration());
  send(who, who.pair_device_result());
  scan(who.qr());
  who.pair_device_sign();
  EXPECT_FALSE(who.account_signature_held());
}

TEST_F(Pairing, CutsStreamsThatAreNoClients) {
  const ConnectionId id = service->open(now);
  service->receive(now, id, as_bytes("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(rules(), std::vector<std::string>{"link"});
  const auto effects = service->take_effects();
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Close>(effects[0]));
}

}  // namespace
}  // namespace pigeond::sandbox
