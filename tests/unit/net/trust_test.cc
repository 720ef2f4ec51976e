#include "net/tls/trust.h"

#include <gtest/gtest.h>

#include "net/tls/pem.h"
#include "net/tls/trust_anchors.h"

namespace pigeond::net {
namespace {

const std::string kFolder = PIGEOND_TEST_DATA "/tls/";

TEST(Trust, AnchorsAreSharedWhileInUseAndFreedAfter) {
  TrustStore store;
  std::weak_ptr<const TrustAnchors> seen;
  {
    auto first = store.load(kFolder + "ca.crt");
    auto second = store.load(kFolder + "ca.crt");
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(*first, *second);
    EXPECT_EQ((*first)->size(), 1U);
    seen = *first;
  }
  EXPECT_TRUE(seen.expired());
  EXPECT_TRUE(store.load(kFolder + "ca.crt").ok());
}

TEST(Trust, ABundleGivesAllItsAnchorsInOrder) {
  TrustStore store;
  auto chain = store.load(kFolder + "chain.crt");  // a leaf, then an authority with an RSA key
  ASSERT_TRUE(chain.ok());
  ASSERT_EQ((*chain)->size(), 2U);
  EXPECT_EQ((*chain)->data()[0].pkey.key_type, BR_KEYTYPE_EC);
  EXPECT_EQ((*chain)->data()[0].flags, 0U);
  EXPECT_EQ((*chain)->data()[1].pkey.key_type, BR_KEYTYPE_RSA);
  EXPECT_EQ((*chain)->data()[1].flags, static_cast<unsigned>(BR_X509_TA_CA));
  EXPECT_EQ((*chain)->data()[1].pkey.key.rsa.nlen, 256U);
}

TEST(Trust, FilesWithoutAnchorsAreErrorsThatNameThem) {
  TrustStore store;
  for (const char* name : {"missing.crt", "rsa.key", "make.sh"}) {
    auto loaded = store.load(kFolder + name);
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.cause(), Cause::tls);
    EXPECT_NE(loaded.error().detail.find(name), std::string::npos);
  }
}

std::vector<PemObject> objects(std::string_view text) {
  std::vector<PemObject> out;
  auto status = parse_pem(as_bytes(text), [&](PemObject object) { out.push_back(std::move(object)); });
  if (!status) out.push_back({"error", {}});
  return out;
}

TEST(Pem, ObjectsAreFoundBetweenOtherText) {
  auto found = objects(
      "subject=/CN=x\n-----BEGIN A-----\nAQID\n-----END A-----\n\n# b\r\n-----BEGIN B "
      "B-----\r\nBA==\r\n-----END B B-----");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "A");
  EXPECT_EQ(found[0].der, (Bytes{1, 2, 3}));
  EXPECT_EQ(found[1].name, "B B");
  EXPECT_EQ(found[1].der, Bytes{4});
}

TEST(Pem, BrokenObjectsAreErrors) {
  EXPECT_EQ(objects("-----BEGIN A-----\nAQID\n").back().name, "error") << "no end";
  EXPECT_EQ(objects("-----BEGIN A-----\n!!!!\n-----END A-----\n").back().name, "error") << "not Base64";
  std::string large = "-----BEGIN A-----\n";
  for (int i = 0; i < 2000; ++i) large += std::string(64, 'A') + "\n";
  EXPECT_EQ(objects(large + "-----END A-----\n").back().name, "error") << "over 64 KiB";
}

}  // namespace
}  // namespace pigeond::net
