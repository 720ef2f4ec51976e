// A history's file on its way: from which server, what is believed of it, and in what pieces it is read.
#include "gateway/history/history_reading.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/text.h"
#include "unit/wire/deflated.h"

namespace pigeond::gateway {
namespace {

using test::deflated;

// So many names, each of a user of its own: field 7 with 1 the JID and 2 the name.
Bytes names(std::size_t count) {
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string user = std::to_string(4900000000 + i) + "@s.whatsapp.net", name = "Name";
    Bytes item = {0x0a, static_cast<std::uint8_t>(user.size())};
    item.insert(item.end(), user.begin(), user.end());
    item.insert(item.end(), {0x12, static_cast<std::uint8_t>(name.size())});
    item.insert(item.end(), name.begin(), name.end());
    out.insert(out.end(), {0x3a, static_cast<std::uint8_t>(item.size())});
    out.insert(out.end(), item.begin(), item.end());
  }
  return out;
}

class Servers final : public Outside, public net::HttpSender {
 public:
  struct Answer {
    Result<int> status;
    Bytes body;
  };
  explicit Servers(net::Loop& loop) : loop_(loop) {}

  std::unique_ptr<Link> make_link(const std::string&, Link::Callbacks) override { return nullptr; }
  bool says_goodbye() const override { return false; }
  net::HttpSender& http() override { return *this; }
  net::HttpSender& web() override { return *this; }
  Id send(const net::HttpClientRequest& request, Callback callback) override {
    asked.push_back(request.url);
    ways.push_back(request.proxy);
    const Answer answer = answers.empty() ? Answer{fail(Cause::io), {}} : answers.front();
    if (!answers.empty()) answers.pop_front();
    loop_.post([request, answer, callback] {
      if (!answer.status) return callback(answer.status.error());
      net::HttpResponse response;
      response.status = *answer.status;
      for (std::size_t at = 0; at < answer.body.size() && response.status == 200; at += 100)
        EXPECT_TRUE(request.sink(
            ByteView(answer.body).subspan(at, std::min<std::size_t>(100, answer.body.size() - at))));
      callback(std::move(response));
    });
    return asked.size();
  }
  void cancel(Id) override {}

  std::deque<Answer> answers;
  std::vector<std::string> asked;
  std::vector<net::ProxyRef> ways;

 private:
  net::Loop& loop_;
};

class HistoryReadingTest : public testing::Test {
 protected:
  Status read(const engine::FetchHistory& wanted) {
    std::optional<Status> ended;
    std::unique_ptr<HistoryReading> reading;
    reading = std::make_unique<HistoryReading>(
        loop, servers, turns, proxy, wanted,
        HistoryReading::Callbacks{[&](engine::HistoryItems items) {
                                    pieces.push_back(items.size());
                                    for (const auto& name : items.names) users.push_back(name.user.user);
                                    reading->more();
                                  },
                                  [&](const Status& status) { ended = status; }});
    for (int i = 0; i < 100000 && !ended; ++i) loop.run_once(std::nullopt);
    return ended.value_or(fail(Cause::timed_out));
  }
  engine::FetchHistory file(const Bytes& content) {
    engine::FetchHistory wanted;
    wanted.hosts = {"one", "two"};
    wanted.path = "/v/file";
    wanted.media_key = Bytes(32, 7);
    sealed = wire::seal_media(wire::media_keys(wanted.media_key, wire::kHistoryKeys), deflated(content));
    wanted.sha256 = to_bytes(ByteView(crypto::sha256(sealed)));
    return wanted;
  }

  SystemClock clock;
  net::ProxyRef proxy;
  net::Loop loop{clock};
  Servers servers{loop};
  HistoryTurns turns{loop};
  Bytes sealed;
  std::vector<std::size_t> pieces;
  std::vector<std::string> users;
};

TEST_F(HistoryReadingTest, EachServerIsAskedThroughTheSessionsProxy) {
  proxy = std::make_shared<const net::Proxy>(*net::parse_proxy("proxy.example:1"));
  const auto wanted = file(names(1));
  servers.answers = {{500, {}}, {200, sealed}};
  ASSERT_TRUE(read(wanted));
  EXPECT_EQ(servers.ways, (std::vector<net::ProxyRef>{proxy, proxy}));
}

TEST_F(HistoryReadingTest, WhatCameAlongIsReadInPieces) {
  engine::FetchHistory wanted;
  wanted.payload = deflated(names(20000));
  ASSERT_TRUE(read(wanted));
  EXPECT_EQ(users.size(), 20000u);
  EXPECT_EQ(users[19999], "4900019999");
  EXPECT_GT(pieces.size(), 5u);
  EXPECT_TRUE(servers.asked.empty());
}

TEST_F(HistoryReadingTest, AFileIsTakenFromTheFirstServerThatHasItWhole) {
  const auto wanted = file(names(1000));
  Bytes spoilt = sealed;
  spoilt[5] ^= 1;
  servers.answers = {{200, spoilt}, {200, sealed}};
  ASSERT_TRUE(read(wanted));
  EXPECT_EQ(servers.asked, (std::vector<std::string>{"http://one/v/file", "http://two/v/file"}));
  EXPECT_EQ(users.size(), 1000u);
}

TEST_F(HistoryReadingTest, NothingIsReadOfAFileThatIsNotTheOneThatWasToldOf) {
  const auto wanted = file(names(1000));
  Bytes spoilt = sealed;
  spoilt.back() ^= 1;
  servers.answers = {{200, spoilt}, {404, {}}};
  EXPECT_EQ(read(wanted).cause(), Cause::not_found);
  servers.answers = {{410, {}}, {200, spoilt}};
  EXPECT_EQ(read(wanted).cause(), Cause::malformed);
  EXPECT_TRUE(pieces.empty());
}

TEST_F(HistoryReadingTest, WhatMayPassIsNoReasonToTroubleThePhone) {
  const auto wanted = file(names(10));
  servers.answers = {{404, {}}, {503, {}}};
  EXPECT_EQ(read(wanted).cause(), Cause::link_lost);
  servers.answers = {{fail(Cause::timed_out), {}}, {404, {}}};
  EXPECT_EQ(read(wanted).cause(), Cause::timed_out);
}

TEST_F(HistoryReadingTest, AContentThatIsNoHistoryIsFound) {
  engine::FetchHistory wanted;
  wanted.payload = to_bytes("no zlib at all");
  EXPECT_EQ(read(wanted).cause(), Cause::malformed);
  wanted.payload = deflated(Bytes(100, 0x0b));
  EXPECT_EQ(read(wanted).cause(), Cause::malformed);
  wanted.payload = deflated(names(100));
  wanted.payload.resize(wanted.payload.size() - 3);
  EXPECT_EQ(read(wanted).cause(), Cause::malformed);
}

TEST_F(HistoryReadingTest, AFewGoAtATimeInTheOrderInWhichTheyCame) {
  std::vector<int> began;
  std::vector<std::unique_ptr<HistoryTurns::Place>> places;
  const auto round = [this] {
    for (int i = 0; i < 5; ++i) loop.run_once(Millis{0});
  };
  for (int i = 0; i < 5; ++i)
    places.push_back(std::make_unique<HistoryTurns::Place>(turns, [&began, i] { began.push_back(i); }));
  EXPECT_TRUE(began.empty());
  round();
  EXPECT_EQ(began, (std::vector<int>{0, 1}));
  places[2].reset();  // its account was removed before its turn
  round();
  EXPECT_EQ(began.size(), 2u);
  places[0].reset();
  round();
  EXPECT_EQ(began, (std::vector<int>{0, 1, 3}));
  places[1].reset();
  places[3].reset();
  round();
  EXPECT_EQ(began, (std::vector<int>{0, 1, 3, 4}));
}

}  // namespace
}  // namespace pigeond::gateway
