// What goes to the service for a session goes its way, and what is asked of it for all of them goes theirs.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "store/sessions.h"
#include "unit/gateway/nowhere.h"
#include "unit/store/temporary.h"

namespace pigeond::gateway {
namespace {

// Nobody answers; through what anybody was asked is kept, "directly" for nothing.
class Ways final : public Outside, public net::HttpSender {
 public:
  using All = std::vector<std::string>;
  static std::string text(const net::ProxyRef& proxy) {
    if (!proxy) return "directly";
    return proxy->trouble.empty() ? proxy->text() : "nowhere";
  }
  std::unique_ptr<Link> make_link(const std::string& session, Link::Callbacks) override {
    class Silent final : public Link {
     public:
      explicit Silent(All& ways) : ways_(ways) {}
      void connect(net::ProxyRef proxy) override { ways_.push_back(text(proxy)); }
      void write(std::span<const Bytes>) override {}
      void disconnect() override { ways_.emplace_back("ended"); }
      void drop() override {}
      bool exists() const override { return false; }

     private:
      All& ways_;
    };
    return std::make_unique<Silent>(links[session]);
  }
  bool says_goodbye() const override { return false; }
  net::HttpSender& http() override { return *this; }
  net::HttpSender& web() override { return *this; }
  bool has_threads() const override { return false; }
  Id send(const net::HttpClientRequest& request, Callback) override {
    asked.push_back(text(request.proxy));
    return ++last_;
  }
  void cancel(Id) override {}

  std::map<std::string, All> links;
  All asked;

 private:
  Id last_ = 0;
};

// A configuration here is the name of its proxy.
class ProxyTest : public testing::Test {
 protected:
  static SessionConfig through(const std::string& server) {
    SessionConfig config;
    config.raw = server;
    if (!server.empty()) config.proxy = std::make_shared<const net::Proxy>(*net::parse_proxy(server));
    return config;
  }
  void open(const std::vector<std::pair<std::string, std::string>>& sessions) {
    {
      auto database = std::move(*store::Database::open(path));
      store::SessionTable rows(*database);
      for (const auto& [name, server] : sessions) rows.create({0, name, server, name != "off", 1});
    }
    Options options;
    options.store_path = path;
    options.client_version.url = "https://web.example/sw.js";
    options.read_config = [](std::string_view raw) -> Result<SessionConfig> {
      SessionConfig config = through(raw == "?" ? "" : std::string(raw));
      if (raw != "?") return config;
      net::Proxy unusable;
      unusable.trouble = "nobody can read it";
      config.proxy = std::make_shared<const net::Proxy>(unusable);
      return config;
    };
    auto opened = Core::open(std::move(options), clock, random, &outside);
    ASSERT_TRUE(opened) << opened.error().detail;
    core = std::move(*opened);
    core->begin({});
    turns();
  }
  void turns() {
    for (int i = 0; i < 100; ++i) core->turn(++clock.mono);
  }
  void update(const std::string& name, const std::string& server) {
    bool done = false;
    core->loop().post([&] {
      core->update(name, through(server), [&done](const Result<SessionInfo>& info) { done = info.ok(); });
    });
    turns();
    EXPECT_TRUE(done);
  }

  store::TemporaryFolder folder{store::TemporaryFolder::kInMemory};
  const std::string path = folder.file("p.db");
  WalkingClock clock;
  SeededRandom random{1};
  Ways outside;
  std::unique_ptr<Core> core;
};

TEST_F(ProxyTest, EachSessionsLinkGoesItsOwnWay) {
  open({{"a", "proxy.example:1"}, {"b", ""}, {"c", "socks5://proxy.example:2"}});
  EXPECT_EQ(outside.links["a"], Ways::All{"proxy.example:1"});
  EXPECT_EQ(outside.links["b"], Ways::All{"directly"});
  EXPECT_EQ(outside.links["c"], Ways::All{"socks5://proxy.example:2"});
}

TEST_F(ProxyTest, WhoseProxyCannotBeReadGoesNowhere) {
  open({{"a", "?"}});
  EXPECT_EQ(outside.links["a"], Ways::All{"nowhere"});
  update("a", "");
  EXPECT_EQ(outside.links["a"].back(), "directly");
}

TEST_F(ProxyTest, AnotherWayIsTakenAtOnceAndTheSameOneIsLeftAlone) {
  open({{"a", ""}});
  update("a", "proxy.example:1");
  EXPECT_EQ(outside.links["a"], (Ways::All{"directly", "ended", "proxy.example:1"}));
  update("a", "proxy.example:1");
  EXPECT_EQ(outside.links["a"].size(), 3u);
  update("a", "");
  EXPECT_EQ(outside.links["a"], (Ways::All{"directly", "ended", "proxy.example:1", "ended", "directly"}));
}

TEST_F(ProxyTest, TheVersionIsAskedForDirectlyAsLongAsASessionGoesSo) {
  open({{"a", "proxy.example:1"}, {"b", ""}});
  EXPECT_EQ(outside.asked.back(), "directly");
}

TEST_F(ProxyTest, WhereAllHaveAProxyTheVersionIsAskedForThroughOne) {
  open({{"a", "proxy.example:1"}, {"b", "proxy.example:2"}});
  ASSERT_FALSE(outside.asked.empty());
  for (const auto& way : outside.asked) EXPECT_EQ(way, "proxy.example:1");
}

TEST_F(ProxyTest, ASessionThatShallNotRunOpensNoWayPastTheProxies) {
  open({{"a", "proxy.example:1"}, {"off", ""}});
  ASSERT_FALSE(outside.asked.empty());
  for (const auto& way : outside.asked) EXPECT_EQ(way, "proxy.example:1");
}

}  // namespace
}  // namespace pigeond::gateway
