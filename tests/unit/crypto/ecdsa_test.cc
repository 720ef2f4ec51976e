#include "crypto/ecdsa.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pigeond::crypto {
namespace {

// RFC 6979, A.2.5, with SHA-256 and the message "sample", as DER.
const Bytes kPoint = *parse_hex(
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const Bytes kSignature = *parse_hex(
    "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");

TEST(Ecdsa, HoldsForTheSignatureOfRfc6979) {
  EXPECT_TRUE(verify_p256(kPoint, as_bytes("sample"), kSignature));
  EXPECT_FALSE(verify_p256(kPoint, as_bytes("Sample"), kSignature));
}

TEST(Ecdsa, NoByteOfItMayBeAnother) {
  for (std::size_t i = 0; i < kSignature.size(); ++i) {
    Bytes changed = kSignature;
    changed[i] ^= 1;
    EXPECT_FALSE(verify_p256(kPoint, as_bytes("sample"), changed)) << i;
  }
}

TEST(Ecdsa, WhatIsNoPointOrNoSignatureIsRefused) {
  Bytes off_the_curve = kPoint;
  off_the_curve[40] ^= 1;
  EXPECT_FALSE(verify_p256(off_the_curve, as_bytes("sample"), kSignature));
  EXPECT_FALSE(verify_p256({}, as_bytes("sample"), kSignature));
  EXPECT_FALSE(verify_p256(kPoint, as_bytes("sample"), {}));
  EXPECT_FALSE(verify_p256(ByteView(kPoint).first(64), as_bytes("sample"), kSignature));
}

}  // namespace
}  // namespace pigeond::crypto
