#include "wire/certificate.h"

#include <gtest/gtest.h>

#include "vectors.h"
#include "wire/proto.h"

namespace pigeond::wire {
namespace {

using test::hex;
using test::key;

TEST(RealCertificate, HoldsInItsTime) {
  const auto v = test::load_vectors("noise-vectors.json", "recorded");
  const Bytes chain = hex(v["server_payload_plaintext_certchain"]);
  const Key32 server = key(v["server_static_public"]);
  const auto verified = verify_certificate_chain(chain, kWhatsAppRootKey, server, 1750000000);
  EXPECT_TRUE(verified) << verified.error().detail;

  for (const std::int64_t now : {1741000000, 1760000000, 0, -5}) {
    const auto late = verify_certificate_chain(chain, kWhatsAppRootKey, server, now);
    ASSERT_FALSE(late) << now;
    EXPECT_EQ(late.cause(), Cause::bad_signature);
    EXPECT_NE(late.error().detail.find("clock"), std::string::npos);
  }
}

TEST(RealCertificate, NoChangedByteIsAccepted) {
  const auto v = test::load_vectors("noise-vectors.json", "recorded");
  const Bytes chain = hex(v["server_payload_plaintext_certchain"]);
  const Key32 server = key(v["server_static_public"]);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    Bytes forged = chain;
    forged[i] ^= 1;
    EXPECT_FALSE(verify_certificate_chain(forged, kWhatsAppRootKey, server, 1750000000)) << i;
  }
  for (std::size_t size = 0; size < chain.size(); ++size)
    EXPECT_FALSE(verify_certificate_chain(ByteView(chain).first(size), kWhatsAppRootKey, server, 1750000000))
        << size;
}

class Chain : public ::testing::Test {
 protected:
  using Details = wa_CertChain_NoiseCertificate_Details;

  Chain() {
    authority_.root = crypto::generate_key_pair(random_);
    authority_.intermediate = crypto::generate_key_pair(random_);
    bytes_ = issue_certificate_chain(authority_, leaf_.pub, 1000, 2000, random_);
  }

  Status verify(ByteView chain, std::int64_t now = 1500) {
    return verify_certificate_chain(chain, authority_.root.pub, leaf_.pub, now);
  }

  // Changes what a certificate says, and signs it again with `signer`.
  template <typename Change>
  void reissue(wa_CertChain_NoiseCertificate& certificate, const Key32& signer, Change change) {
    auto details = proto::decode<Details>(certificate.details);
    ASSERT_TRUE(details);
    change(*details);
    certificate.details = proto::encode(*details);
    certificate.signature = to_bytes(crypto::sign(signer, certificate.details, random_));
  }

  wa_CertChain parts() { return std::move(*proto::decode<wa_CertChain>(bytes_)); }

  SeededRandom random_{11};
  CertificateAuthority authority_;
  crypto::KeyPair leaf_ = crypto::generate_key_pair(random_);
  Bytes bytes_;
};

TEST_F(Chain, IssuedHereIsAcceptedHere) {
  EXPECT_TRUE(verify(bytes_));
}

TEST_F(Chain, ItsTimesAreInclusive) {
  EXPECT_TRUE(verify(bytes_, 1000));
  EXPECT_TRUE(verify(bytes_, 2000));
  EXPECT_FALSE(verify(bytes_, 999));
  EXPECT_FALSE(verify(bytes_, 2001));
}

TEST_F(Chain, EachPartsTimeCounts) {
  auto chain = parts();
  reissue(chain.intermediate, authority_.root.priv, [](Details& details) { details.notAfter = 1400; });
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  reissue(chain.leaf, authority_.intermediate.priv, [](Details& details) { details.notBefore = 1600; });
  EXPECT_FALSE(verify(proto::encode(chain)));
}

TEST_F(Chain, AnotherRootIsRefused) {
  EXPECT_FALSE(verify_certificate_chain(bytes_, kWhatsAppRootKey, leaf_.pub, 1500));
}

TEST_F(Chain, AnotherLeafKeyIsRefused) {
  EXPECT_FALSE(verify_certificate_chain(bytes_, authority_.root.pub, authority_.intermediate.pub, 1500));
}

TEST_F(Chain, WrongSignaturesAreRefused) {
  const auto stranger = crypto::generate_key_pair(random_);
  auto chain = parts();
  reissue(chain.intermediate, stranger.priv, [](Details&) {});
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  reissue(chain.leaf, stranger.priv, [](Details&) {});
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  reissue(chain.leaf, authority_.root.priv, [](Details&) {});  // the root doesn't sign leaves
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  std::swap(chain.leaf.signature, chain.intermediate.signature);
  EXPECT_FALSE(verify(proto::encode(chain)));
}

TEST_F(Chain, SerialsHaveToLinkTheParts) {
  auto chain = parts();
  reissue(chain.leaf, authority_.intermediate.priv,
          [](Details& details) { std::swap(details.serial, details.issuerSerial); });
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  reissue(chain.intermediate, authority_.root.priv, [](Details& details) { details.issuerSerial = 3; });
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  std::swap(chain.leaf, chain.intermediate);
  EXPECT_FALSE(verify(proto::encode(chain)));
}

TEST_F(Chain, MissingPartsAreRefused) {
  auto chain = parts();
  chain.has_leaf = false;
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  chain.has_intermediate = false;
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  chain.leaf.signature.clear();
  EXPECT_FALSE(verify(proto::encode(chain)));
  chain = parts();
  reissue(chain.intermediate, authority_.root.priv, [](Details& details) { details.key.pop_back(); });
  EXPECT_FALSE(verify(proto::encode(chain)));
}

}  // namespace
}  // namespace pigeond::wire
