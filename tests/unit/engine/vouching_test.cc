// What a companion shows beside its keys: whether its account vouches for them.
#include "engine/messages/desk.h"
#include "engine/pairing/adv.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class Vouching : public ChatTest {
 protected:
  // As the account's phone and the device sign it; see adv.h
  wa_ADVSignedDeviceIdentity signed_identity(const crypto::KeyPair& by, const crypto::KeyPair& of,
                                             std::uint8_t account_prefix = 0,
                                             std::uint8_t device_prefix = 1) {
    wa_ADVDeviceIdentity details{};
    details.has_rawID = details.has_keyIndex = true;
    details.rawID = 5;
    details.keyIndex = 5;
    wa_ADVSignedDeviceIdentity out{};
    out.details = wire::proto::encode(details);
    out.accountSignatureKey = to_bytes(by.pub);
    const Bytes first{6, account_prefix}, second{6, device_prefix};
    out.accountSignature = to_bytes(crypto::sign(by.priv, concat({first, out.details, of.pub}), random));
    out.deviceSignature =
        to_bytes(crypto::sign(of.priv, concat({second, out.details, of.pub, by.pub}), random));
    return out;
  }
  Result<bool> check(const wa_ADVSignedDeviceIdentity& shown, const Key32& identity,
                     const std::optional<Bytes>& known = std::nullopt) {
    return check_device_identity(wire::proto::encode(shown), identity, known);
  }

  const crypto::KeyPair account = crypto::generate_key_pair(random),
                        device = crypto::generate_key_pair(random), other = crypto::generate_key_pair(random);
};

TEST_F(Vouching, BothSignaturesHaveToBeThere) {
  const auto good = signed_identity(account, device);
  EXPECT_TRUE(*check(good, device.pub));
  EXPECT_EQ(check(good, other.pub).cause(), Cause::bad_signature)
      << "another key than the one that was signed";
  for (Bytes wa_ADVSignedDeviceIdentity::*part :
       {&wa_ADVSignedDeviceIdentity::details, &wa_ADVSignedDeviceIdentity::accountSignature,
        &wa_ADVSignedDeviceIdentity::deviceSignature, &wa_ADVSignedDeviceIdentity::accountSignatureKey}) {
    auto forged = good;
    (forged.*part)[3] ^= 1;
    EXPECT_FALSE(check(forged, device.pub).ok());
    (forged.*part).clear();
    const auto without = check(forged, device.pub);
    EXPECT_TRUE(!without.ok() || !*without);
  }
  EXPECT_EQ(check_device_identity(Bytes{1, 2, 3}, device.pub, std::nullopt).cause(), Cause::malformed);
}

TEST_F(Vouching, TheAccountsKeyMayBeTheOneThatIsKnownOfItsPhone) {
  auto shown = signed_identity(account, device);
  shown.accountSignatureKey.clear();
  EXPECT_FALSE(*check(shown, device.pub)) << "nothing to check it with";
  EXPECT_TRUE(*check(shown, device.pub, to_bytes(account.pub)));
  EXPECT_EQ(check(shown, device.pub, to_bytes(other.pub)).cause(), Cause::bad_signature);
}

TEST_F(Vouching, HostedDevicesSignWithPrefixesOfTheirOwn) {
  EXPECT_TRUE(*check(signed_identity(account, device, 5, 6), device.pub));
  EXPECT_TRUE(*check(signed_identity(account, device, 5, 1), device.pub));
  EXPECT_FALSE(check(signed_identity(account, device, 2, 1), device.pub).ok());
}

TEST_F(Vouching, NothingIsEncryptedForADeviceWhoseKeysAreForged) {
  PeerDevice& phone = *alice->devices[0];
  PeerDevice& companion = *alice->devices[5];
  for (const bool forged : {false, true}) {
    auto shown = signed_identity(phone.store().identity_key_pair(), companion.store().identity_key_pair());
    shown.accountSignatureKey.clear();
    if (forged) shown.accountSignature[7] ^= 0x10;
    companion.device_identity = wire::proto::encode(shown);
    chat->desk().ciphers.forget(alice->lid.with_device(5));
    send("9922@lid", "text");
    const auto to = copies(last("message"));
    EXPECT_TRUE(to.contains("9922@lid"));
    EXPECT_EQ(to.contains("9922:5@lid"), !forged);
    ack(last("message").attr("id"));
  }
}

}  // namespace
}  // namespace pigeond::engine
