#include <gtest/gtest.h>

#include "base/random.h"
#include "engine/account/pre_keys.h"
#include "engine/pairing/adv.h"
#include "engine/pairing/client_payload.h"
#include "engine/pairing/link_code.h"
#include "engine/pairing/new_device.h"
#include "engine/pairing/pairing.h"
#include "engine/pairing/passkey_exchange.h"
#include "vectors.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

using pigeond::test::hex;
using pigeond::test::key;
using pigeond::test::load_vectors;

TEST(PairingVectors, QrText) {
  const auto v = load_vectors("pairing-vectors.json", "qr");
  EXPECT_EQ(v["text"], qr_text(v["ref"], key(v["noise_public"]), key(v["identity_public"]),
                               key(v["adv_secret"]), v["client_type"].get<std::string>()));
}

// Gives what it was told to, one after the other.
class GivenRandom final : public Random {
 public:
  explicit GivenRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    ASSERT_LE(at_ + out.size(), bytes_.size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
    at_ += out.size();
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

TEST(PairingVectors, LettersOfACode) {
  for (const auto& v : load_vectors("pairing-vectors.json", "code_alphabet"))
    EXPECT_EQ(v["code"], code_letters(key<5>(v["bytes"])));
  const auto v = load_vectors("pairing-vectors.json", "pairing_code");
  EXPECT_EQ(v["shown"], grouped(v["code"]));
}

TEST(PairingVectors, KeysWrappedUnderACode) {
  const auto v = load_vectors("pairing-vectors.json", "pairing_code");
  const auto code_key = [&](ByteView salt) {
    auto stretching = stretched(v["code"], salt);
    EXPECT_FALSE(stretching.advance(131070));
    EXPECT_TRUE(stretching.advance(2));
    return stretching.key();
  };
  const Bytes salt = hex(v["salt"]);
  EXPECT_EQ(v["pbkdf2_key"], hex_lower(code_key(salt)));
  GivenRandom counter(hex(v["iv"]));
  EXPECT_EQ(v["link_code_pairing_wrapped_companion_ephemeral_pub"],
            hex_lower(wrap_key(code_key(salt), salt, key(v["companion_ephemeral_public"]), counter)));
  const Bytes theirs = hex(v["link_code_pairing_wrapped_primary_ephemeral_pub"]);
  const auto primary = crypto::key_pair_from_private(key(v["primary_ephemeral_private"]));
  EXPECT_EQ(primary.pub, unwrap_key(code_key(theirs), theirs));
}

TEST(PairingVectors, BundleOfKeysAndTheAdvSecretThatItMakes) {
  const auto v = load_vectors("pairing-vectors.json", "pairing_code");
  GivenRandom random(concat({hex(v["bundle_salt"]), hex(v["bundle_nonce"]), hex(v["adv_random"])}));
  const auto bundle = seal_key_bundle(crypto::key_pair_from_private(key(v["companion_ephemeral_private"])),
                                      crypto::key_pair_from_private(key(v["primary_ephemeral_private"])).pub,
                                      crypto::key_pair_from_private(key(v["companion_identity_private"])),
                                      hex(v["primary_identity_pub"]), random);
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(v["link_code_pairing_wrapped_key_bundle"], hex_lower(bundle->wrapped));
  EXPECT_EQ(v["adv_secret"], hex_lower(bundle->adv_secret));
}

TEST(PairingVectors, WhatIsAgreedOnBeneathAPasskey) {
  const auto v = load_vectors("pairing-vectors.json", "passkey");
  PasskeyOffer offer;
  offer.ephemeral = crypto::key_pair_from_private(key(v["companion_ephemeral_private"]));
  offer.nonce = key(v["companion_nonce"]);
  offer.device_type = v["device_type"];
  offer.ref = v["ref"];
  EXPECT_EQ(v["prologue_payload"], hex_lower(passkey_prologue(offer)));
  const PrimaryEphemeral primary{key(v["primary_ephemeral_public"]), key(v["primary_nonce"])};
  EXPECT_EQ(v["code"], comparison_code(offer, primary));
  const auto agreed = passkey_key(offer, primary);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(v["encryption_key"], hex_lower(*agreed));
}

TEST(PairingVectors, BuildHash) {
  for (const auto& v : load_vectors("pairing-vectors.json", "build_hash"))
    EXPECT_EQ(v["md5"], hex_lower(build_hash(v["version"])));
}

TEST(PairingVectors, AdvIdentities) {
  for (const char* section : {"adv_e2ee", "adv_hosted"}) {
    const auto v = load_vectors("pairing-vectors.json", section);
    const auto identity = crypto::key_pair_from_private(key(v["identity_private"]));
    EXPECT_EQ(v["identity_public"], hex_lower(identity.pub));
    SeededRandom random(7);
    const auto accepted = accept_device_identity(hex(v["device_identity_in_pair_success"]),
                                                 key(v["adv_secret"]), identity, random);
    ASSERT_TRUE(accepted.ok()) << section << ' ' << accepted.error().detail;
    EXPECT_EQ(v["key_index"], accepted->key_index);
    EXPECT_EQ(v["account_signature_key"], hex_lower(accepted->account_key));

    const auto reply = wire::proto::decode<wa_ADVSignedDeviceIdentity>(accepted->reply);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(v["details_ADVDeviceIdentity"], hex_lower(reply->details));
    EXPECT_EQ(v["account_signature"], hex_lower(reply->accountSignature));
    EXPECT_TRUE(crypto::verify(identity.pub, hex(v["device_signature_message"]), reply->deviceSignature));
    // Signatures are randomised: with the vector's in place of ours, the reply is the vector's, byte for
    // byte.
    Bytes expected = hex(v["reply_device_identity_with_that_signature"]);
    ASSERT_EQ(accepted->reply.size(), expected.size());
    const Bytes example = hex(v["device_signature_example"]);
    EXPECT_TRUE(crypto::verify(identity.pub, hex(v["device_signature_message"]), example));
    std::copy(reply->deviceSignature.begin(), reply->deviceSignature.end(), expected.end() - 64);
    EXPECT_EQ(accepted->reply, expected);
    EXPECT_EQ(accepted->stored.size(), expected.size() + 34);
  }
}

TEST(PairingVectors, AnyChangedByteOfAnIdentityIsRefused) {
  const auto v = load_vectors("pairing-vectors.json", "adv_e2ee");
  const auto identity = crypto::key_pair_from_private(key(v["identity_private"]));
  const Bytes good = hex(v["device_identity_in_pair_success"]);
  SeededRandom random(7);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x10;
    EXPECT_FALSE(accept_device_identity(bad, key(v["adv_secret"]), identity, random).ok()) << i;
  }
}

TEST(PairingVectors, SignedPreKey) {
  const auto v = load_vectors("pairing-vectors.json", "signed_prekey");
  const auto identity = crypto::key_pair_from_private(key(v["identity_private"]));
  EXPECT_TRUE(crypto::verify(identity.pub, hex(v["signed_message"]), hex(v["signature_example"])));
  SeededRandom random(7);
  const auto made = create_signed_pre_key(3, identity, 1'750'000'000, random);
  EXPECT_EQ(made.id, 3u);
  EXPECT_TRUE(crypto::verify(identity.pub, crypto::with_type_byte(made.key.pub), made.signature));
}

TEST(PairingVectors, PreKeyDigest) {
  const auto v = load_vectors("pairing-vectors.json", "prekey_digest");
  store::SignedPreKeyRow signed_pre_key;
  signed_pre_key.key.pub = key(v["signed_prekey_public"]);
  signed_pre_key.signature = key<64>(v["signed_prekey_signature"]);
  PreKeyDigest digest(key(v["identity"]), signed_pre_key);
  for (const auto& one : v["one_time_publics_in_list_order"]) digest.add(key(one));
  EXPECT_EQ(v["sha1"], hex_lower(digest.finish()));
}

}  // namespace
}  // namespace pigeond::engine
