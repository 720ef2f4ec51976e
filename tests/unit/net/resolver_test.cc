#include "net/resolver.h"

#include "unit/net/support.h"

namespace pigeond::net {
namespace {

class ResolverTest : public NetTest {
 protected:
  Result<std::vector<Address>> resolve(const std::string& host) {
    std::optional<Result<std::vector<Address>>> answer;
    network.resolver().resolve(host, 80,
                               [&](Result<std::vector<Address>> result) { answer = std::move(result); });
    EXPECT_FALSE(answer.has_value()) << "answered before it returned";
    EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
    return std::move(*answer);
  }
};

TEST_F(ResolverTest, LiteralsAreTheirOwnAnswer) {
  auto addresses = resolve("192.0.2.1");
  ASSERT_TRUE(addresses.ok());
  ASSERT_EQ(addresses->size(), 1U);
  EXPECT_EQ(addresses->front().text(), "192.0.2.1:80");
  EXPECT_EQ(resolve("::1")->front().text(), "[::1]:80");
}

TEST_F(ResolverTest, LocalhostIsLoopbackWhateverTheHostsFileSays) {
  for (const char* host : {"localhost", "gateway.localhost", "localhost."}) {
    auto addresses = resolve(host);
    ASSERT_TRUE(addresses.ok()) << host;
    ASSERT_EQ(addresses->size(), 2U);
    EXPECT_EQ(addresses->at(0).text(), "127.0.0.1:80");
    EXPECT_EQ(addresses->at(1).text(), "[::1]:80");
  }
}

TEST_F(ResolverTest, MulticastDnsNamesAreRefusedWithTheReason) {
  auto addresses = resolve("printer.local");
  ASSERT_FALSE(addresses.ok());
  EXPECT_EQ(addresses.cause(), Cause::resolve);
  EXPECT_NE(addresses.error().detail.find("printer.local"), std::string::npos);
  EXPECT_NE(addresses.error().detail.find("multicast DNS"), std::string::npos);
}

TEST_F(ResolverTest, ANameThatCannotExistFailsNamingIt) {
  auto addresses = resolve("no-such-host.invalid");  // RFC 6761: never resolves; no network is needed to fail
  ASSERT_FALSE(addresses.ok());
  EXPECT_EQ(addresses.cause(), Cause::resolve);
  EXPECT_NE(addresses.error().detail.find("no-such-host.invalid"), std::string::npos);
}

TEST_F(ResolverTest, ACancelledRequestIsNotAnswered) {
  bool answered = false;
  auto id = network.resolver().resolve("localhost", 1, [&](auto) { answered = true; });
  network.resolver().cancel(id);
  EXPECT_TRUE(resolve("localhost").ok());
  EXPECT_FALSE(answered);
}

TEST_F(ResolverTest, MayGoAwayDuringALookup) {
  bool answered = false;
  {
    Resolver resolver(loop);
    resolver.resolve("no-such-host.invalid", 1, [&](auto) { answered = true; });
    resolver.resolve("localhost", 1, [&](auto) { answered = true; });
  }
  EXPECT_TRUE(resolve("localhost").ok());
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace pigeond::net
