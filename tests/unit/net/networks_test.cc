#include "net/networks.h"

#include <gtest/gtest.h>

namespace pigeond::net {
namespace {

NetworkSet set(const std::string& text) {
  auto parsed = NetworkSet::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : NetworkSet();
}

std::string found(const NetworkSet& networks, const std::string& ip) {
  return networks.find(*parse_ip(ip, 80));
}

TEST(NetworkSet, HoldsWhatItsPrefixesCover) {
  const auto networks = set("10.0.0.0/8, 192.0.2.128/25 fe80::/10,2001:db8::1");
  EXPECT_EQ(found(networks, "10.255.255.255"), "10.0.0.0/8");
  EXPECT_EQ(found(networks, "11.0.0.0"), "");
  EXPECT_EQ(found(networks, "9.255.255.255"), "");
  EXPECT_EQ(found(networks, "192.0.2.128"), "192.0.2.128/25");
  EXPECT_EQ(found(networks, "192.0.2.127"), "");
  EXPECT_EQ(found(networks, "fe80::1"), "fe80::/10");
  EXPECT_EQ(found(networks, "febf:ffff::1"), "fe80::/10");
  EXPECT_EQ(found(networks, "fec0::1"), "");
  EXPECT_EQ(found(networks, "2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(found(networks, "2001:db8::2"), "");
}

TEST(NetworkSet, AnIPv4AddressIsTheSameInEveryForm) {
  const auto metadata = set("169.254.0.0/16");
  for (const char* ip :
       {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1"}) {
    EXPECT_EQ(found(metadata, ip), "169.254.0.0/16") << ip;
  }
  EXPECT_EQ(found(set("127.0.0.0/8"), "0.0.0.0"), "127.0.0.0/8");
  EXPECT_EQ(found(set("127.0.0.0/8"), "::ffff:0.0.0.0"), "127.0.0.0/8");
  EXPECT_EQ(found(set("::1"), "::"), "::1");
  EXPECT_EQ(found(set("::ffff:10.0.0.0/104"), "10.1.2.3"), "::ffff:10.0.0.0/104");
}

TEST(NetworkSet, AllOfAFamilyIsNotTheOther) {
  EXPECT_EQ(found(set("::/0"), "10.0.0.1"), "");
  EXPECT_EQ(found(set("::/0"), "2001:db8::1"), "::/0");
  EXPECT_EQ(found(set("0.0.0.0/0"), "2001:db8::1"), "");
  EXPECT_EQ(found(set("0.0.0.0/0"), "10.0.0.1"), "0.0.0.0/0");
}

TEST(NetworkSet, WhatIsNoNetworkIsRefusedByName) {
  for (const char* text :
       {"10.0.0.0/33", "fe80::/129", "10.0.0/8", "host", "10.0.0.0/", "10.0.0.0/8x", "/8", "10.0.0.0/8/8"}) {
    const auto parsed = NetworkSet::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().detail.find(text), std::string::npos) << parsed.error().detail;
  }
  EXPECT_TRUE(set("").empty());
  EXPECT_TRUE(set(" , ").empty());
}

TEST(NetworkRules, DenyWinsOverAllow) {
  const NetworkRules rules{set("10.0.0.0/8"), set("10.1.0.0/16")};
  EXPECT_TRUE(rules.check(*parse_ip("10.2.0.1", 80)));
  EXPECT_EQ(rules.check(*parse_ip("10.1.0.1", 80)).error().detail,
            "10.1.0.1 is in a denied network, 10.1.0.0/16");
  EXPECT_EQ(rules.check(*parse_ip("192.0.2.1", 80)).cause(), Cause::network_denied);
  EXPECT_EQ(rules.check(*parse_ip("2001:db8::1", 80)).cause(), Cause::network_denied);
  EXPECT_TRUE(NetworkRules{}.check(*parse_ip("127.0.0.1", 80)));
}

}  // namespace
}  // namespace pigeond::net
