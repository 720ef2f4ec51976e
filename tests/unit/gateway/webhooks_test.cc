#include "gateway/webhooks/webhooks.h"
#include "gateway/webhooks/shown.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "gateway/webhooks/request.h"
#include "net/listener.h"
#include "store/sessions.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

// A receiver of webhooks on a socket: notes the requests, answers each with the next of `answers`, the last
// for ever.
class Receiver {
 public:
  explicit Receiver(net::Network& network) {
    auto listener =
        net::Listener::open(network, "127.0.0.1", 0, nullptr,
                            [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); });
    EXPECT_TRUE(listener);
    listener_ = std::move(*listener);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()) + "/hook"; }

  std::vector<std::string> answers = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  std::vector<std::string> requests;
  bool silent = false;  // reads, and never answers

  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& request : requests) out.push_back(request.substr(request.find("\r\n\r\n") + 4));
    return out;
  }
  std::string header(std::size_t request, const std::string& name) const {
    const auto head =
        net::parse_request_head(requests[request].substr(0, requests[request].find("\r\n\r\n") + 4));
    const auto value = head ? net::find_header(head->headers, name) : std::nullopt;
    return value ? std::string(*value) : std::string();
  }

 private:
  struct Connection {
    std::unique_ptr<net::Stream> stream;
    std::string received;
  };

  void accept(std::unique_ptr<net::Stream> stream) {
    auto connection = std::make_shared<Connection>();
    connection->stream = std::move(stream);
    net::Stream::Callbacks callbacks;
    callbacks.on_data = [this, connection = connection.get()](ByteView data) { receive(*connection, data); };
    connection->stream->set_callbacks(std::move(callbacks));
    connections_.push_back(std::move(connection));
  }

  void receive(Connection& connection, ByteView data) {
    connection.received += as_text(data);
    const auto head_end = connection.received.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    const auto head = net::parse_request_head(connection.received.substr(0, head_end + 4));
    ASSERT_TRUE(head);
    const auto length = parse_unsigned(net::find_header(head->headers, "Content-Length").value_or("0"));
    if (connection.received.size() < head_end + 4 + *length) return;
    requests.push_back(connection.received);
    if (silent) return;
    const std::string& answer = answers[std::min(requests.size(), answers.size()) - 1];
    connection.received.clear();
    static_cast<void>(connection.stream->write(as_bytes(answer)));
  }

  std::unique_ptr<net::Listener> listener_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

class WebhooksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open(":memory:");
    ASSERT_TRUE(opened);
    database = std::move(*opened);
    session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
    make();
  }

  void make() {
    client = std::make_unique<net::HttpClient>(network);
    texts = std::make_unique<EventTexts>(*database, std::make_shared<Marks>());
    webhooks = std::make_unique<Webhooks>(loop, *client, *database, *texts, random,
                                          Webhooks::Options{"", "pigeond/test"},
                                          [this](std::int64_t) { return &config; });
  }

  void configure(const std::string& url, const ChangeWebhook& change = {}) {
    config.webhooks = {webhook_at(url, change)};
    config.webhooks[0].topics = {Topic::message_in};
  }

  void add(const std::string& body, Topic topic = Topic::message_in) {
    tell(*database, *webhooks, session, config, 1700000000000, topic, StatusChange{}, body);
  }

  // What the gateway does after each round of the loop.
  void tick() {
    webhooks->collect();
    const Status committed = database->commit();
    database->begin();
    if (committed) {
      webhooks->committed();
    } else {
      webhooks->rolled_back();
    }
  }

  bool run_until(const std::function<bool()>& done) {
    const Millis deadline = loop.now().mono + 60 * kSecond;
    tick();
    while (!done()) {
      if (loop.now().mono >= deadline) return false;
      loop.run_once(deadline);
      tick();
    }
    return true;
  }

  // With outcomes that are noted, but not committed.
  std::vector<DeliveryInfo> deliveries(const DeliveryFilter& filter) {
    webhooks->save_outcomes();
    return shown_deliveries(*database, webhooks->board(), session, filter);
  }
  std::vector<DeliveryInfo> log(std::optional<DeliveryState> state) {
    return deliveries({state, "", 0, 100000});
  }
  bool none_pending() { return log(DeliveryState::pending).empty(); }

  // Another process takes over: what this one kept in memory is gone.
  void restart() {
    webhooks.reset();
    database->rollback();
    make();
    webhooks->resume();
    database->begin();
  }

  SystemClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  net::Network network{loop, random};
  Receiver receiver{network};
  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  SessionConfig config;
  std::unique_ptr<EventTexts> texts;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<Webhooks> webhooks;
};

TEST_F(WebhooksTest, DeliversInOrder) {
  configure(receiver.url());
  database->begin();
  for (const char* body : {"1", "2", "3", "4", "5"}) add(body);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

TEST_F(WebhooksTest, SendsNothingBeforeTheCommit) {
  configure(receiver.url());
  database->begin();
  add("1");
  for (int i = 0; i < 5; ++i) loop.run_once(loop.now().mono + 5);
  EXPECT_TRUE(receiver.requests.empty());
  ASSERT_TRUE(run_until([&] { return !receiver.requests.empty(); }));
}

TEST_F(WebhooksTest, SendsNothingOfAUnitOfWorkThatWasRolledBack) {
  configure(receiver.url());
  database->begin();
  add("lost");
  database->rollback();
  webhooks->rolled_back();
  database->begin();
  add("kept");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"kept"}));
}

TEST_F(WebhooksTest, RetriesTheFirstBeforeTheSecond) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(5, 0); });
  receiver.answers = {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 OK\r\n\r\n"};
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "1", "1", "2"}));
  EXPECT_EQ(receiver.header(0, "Mark-Id"), receiver.header(2, "Mark-Id"));
  EXPECT_NE(receiver.header(2, "Mark-Id"), receiver.header(3, "Mark-Id"));
}

TEST_F(WebhooksTest, GivesUpAfterTheConfiguredRetriesAndGoesOn) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(2, 0); });
  const std::string refusal = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
  receiver.answers = {refusal, refusal, refusal, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "1", "1", "2"}));
}

TEST_F(WebhooksTest, DeliversAfterARestartWhatWasLeft) {
  configure(receiver.url());
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(database->commit());
  restart();
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(WebhooksTest, DropsWhatWaitsForAnUrlThatIsNoLongerConfigured) {
  configure(receiver.url());
  database->begin();
  add("1");
  ASSERT_TRUE(database->commit());
  config = {};
  restart();
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_TRUE(receiver.requests.empty());
}

TEST_F(WebhooksTest, TellsOnlyWhatIsSubscribedTo) {
  configure(receiver.url());
  database->begin();
  add("1", Topic::ack);
  add("2");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"2"}));
}

TEST_F(WebhooksTest, SignsAndMarksEachDelivery) {
  configure(receiver.url(), [](WebhookConfig& webhook) {
    webhook.hmac_key = "my-secret-key";
    webhook.headers = {
        {"X-Token", "t"}, {"User-Agent", "mine"}, {"Content-Type", "text/plain"}, {"Mark-Hmac", "forged"}};
  });
  const std::string body = R"({"event":"message","session":"default","engine":"WEBJS"})";
  database->begin();
  add(body);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.header(0, "Mark-Hmac"),
            "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e7"
            "8a33a63f"
            "6752c2c1631777076153fa89");
  EXPECT_EQ(receiver.header(0, "Mark-Created"), "1700000000000");
  EXPECT_EQ(receiver.header(0, "Content-Type"), "application/json");
  EXPECT_EQ(receiver.header(0, "User-Agent"), "mine");
  EXPECT_EQ(receiver.header(0, "X-Token"), "t");
}

TEST_F(WebhooksTest, TheOldestOfAFullQueueAreDeadLetters) {
  configure("http://127.0.0.1:1/");
  database->begin();
  for (int i = 0; i < limits::kWebhookQueue; ++i) add(std::to_string(i));
  tick();  // the first is under way
  for (int i = 0; i < 3; ++i) add("more");
  tick();
  EXPECT_EQ(log(DeliveryState::pending).size(), static_cast<std::size_t>(limits::kWebhookQueue));
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(dead[i].event_id, "evt_" + std::to_string(i + 1));
    EXPECT_EQ(dead[i].why, "queue full");
    EXPECT_EQ(dead[i].tries, 0);
  }
}

TEST_F(WebhooksTest, AFullQueueKeepsWhatIsBeingSent) {
  receiver.silent = true;
  configure(receiver.url());
  database->begin();
  for (int i = 0; i < limits::kWebhookQueue; ++i) add(std::to_string(i));
  ASSERT_TRUE(run_until([&] { return receiver.requests.size() == 1; }));
  add("more");
  tick();
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].event_id, "evt_1");
  EXPECT_EQ(log(DeliveryState::pending)[0].event_id, "evt_0");
  restart();  // what waits is not next to each other
  receiver.silent = false;
  ASSERT_TRUE(run_until([&] { return receiver.requests.size() == 4; }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"0", "0", "2", "3"}));
}

TEST_F(WebhooksTest, WhatWasGivenUpIsADeadLetterWithItsReason) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(1, 0); });
  receiver.answers = {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  add("1");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].told_as, "its name");
  EXPECT_EQ(dead[0].why, "status 500");
  EXPECT_EQ(dead[0].tries, 2);
  EXPECT_GT(dead[0].ended_ms, 0);
  EXPECT_EQ(webhooks->delivery(session, dead[0].id)->body, "1");
}

TEST_F(WebhooksTest, TheLogTellsWhatIsPendingAndWhatWasTaken) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(15, 3600); });
  receiver.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  for (const char* body : {"1", "2", "3"}) add(body);
  ASSERT_TRUE(run_until([&] { return receiver.requests.size() == 2 && log({})[1].tries == 1; }));
  const auto all = log({});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].state, DeliveryState::delivered);
  EXPECT_EQ(all[0].why, "status 200");
  EXPECT_EQ(all[0].tries, 1);
  EXPECT_EQ(all[1].state, DeliveryState::pending);
  EXPECT_EQ(all[1].why, "status 503");
  EXPECT_GT(all[1].next_try_ms, all[1].created_ms);
  EXPECT_EQ(all[2].tries, 0);
  EXPECT_EQ(deliveries({{}, "", all[0].id, 1}).at(0).id, all[1].id);
  EXPECT_TRUE(deliveries({{}, "http://other/", 0, 10}).empty());
  EXPECT_EQ(webhooks->delivery(session + 1, all[0].id).cause(), Cause::not_found);
  EXPECT_EQ(webhooks->replay(session, all[1].id).cause(), Cause::already_exists);
}

TEST_F(WebhooksTest, ADeadLetterIsReplayedAfterWhatWaits) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(0, 0); });
  receiver.answers = {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  add("1");
  ASSERT_TRUE(run_until([&] { return log(DeliveryState::dead).size() == 1; }));
  add("2");
  const auto dead = log(DeliveryState::dead);
  const auto repeated = webhooks->replay(session, dead[0].id);
  ASSERT_TRUE(repeated) << repeated.error().detail;
  EXPECT_NE(*repeated, dead[0].id);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2", "1"}));
  EXPECT_EQ(receiver.header(0, "Mark-Id"), receiver.header(2, "Mark-Id"));
  EXPECT_TRUE(log(DeliveryState::dead).empty());
  EXPECT_EQ(webhooks->delivery(session, *repeated)->replay_of, dead[0].id);
  EXPECT_EQ(webhooks->replay(session, dead[0].id).cause(), Cause::not_found);
}

TEST_F(WebhooksTest, ARangeOfDeadLettersIsReplayedInOrder) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(0, 0); });
  receiver.answers.assign(4, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  receiver.answers.push_back("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  database->begin();
  for (const char* body : {"1", "2", "3", "4"}) add(body);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 4u);
  ReplayRange range;
  range.from_id = dead[1].id;
  range.to_id = dead[2].id;
  const auto done = webhooks->replay(session, range);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->count, 2);
  EXPECT_EQ(done->next, 0);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2", "3", "4", "2", "3"}));
  range = {};
  range.to_ms = 1600000000000;  // before all of them
  EXPECT_EQ(webhooks->replay(session, range)->count, 0);
  range.url = "http://other/";
  EXPECT_EQ(webhooks->replay(session, range).cause(), Cause::bad_input);
}

TEST_F(WebhooksTest, WhatWasDeliveredIsReplayedAsACopyAndNotTwice) {
  configure(receiver.url());
  database->begin();
  add("1");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  ReplayRange range;
  range.state = DeliveryState::delivered;
  ASSERT_EQ(webhooks->replay(session, range)->count, 1);
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "1"}));
  const auto all = log(DeliveryState::delivered);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].replay_of, all[0].id);
  range.from_id = all[1].id;
  EXPECT_EQ(webhooks->replay(session, range)->count, 0);
}

TEST_F(WebhooksTest, AReplayThatIsRolledBackLeavesTheDeadLetter) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(0, 0); });
  receiver.answers = {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  add("1");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  const auto id = log(DeliveryState::dead).at(0).id;
  tick();
  ASSERT_TRUE(webhooks->replay(session, id));
  database->rollback();
  webhooks->rolled_back();
  database->begin();
  EXPECT_EQ(log(DeliveryState::dead).at(0).id, id);
  add("2");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(WebhooksTest, ACommitThatFailsAfterADeliveryDoesNotRepeatIt) {
  configure(receiver.url());
  database->begin();
  add("1");
  ASSERT_TRUE(run_until([&] { return !receiver.requests.empty(); }));
  for (int i = 0; i < 20; ++i) {
    loop.run_once(loop.now().mono + 5);
    webhooks->collect();
    database->rollback();
    webhooks->rolled_back();
    database->begin();
  }
  add("2");
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(WebhooksTest, WhatWasTakenIsNotedWithTheNextWriteAndCostsNoCommitOfItsOwn) {
  configure(receiver.url());
  database->begin();
  add("1");
  tick();
  const auto before = database->commits();
  while (receiver.requests.empty()) {
    loop.run_once(loop.now().mono + 1);
    tick();
  }
  for (int i = 0; i < 10; ++i) {
    loop.run_once(loop.now().mono + 1);
    tick();
  }
  EXPECT_EQ(database->commits(), before);
  add("2");
  tick();
  EXPECT_EQ(database->commits(), before + 1);
  restart();
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  const auto bodies = receiver.bodies();
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), "1"), 1) << "it was noted";
}

TEST_F(WebhooksTest, AReceiverThatIsSilentDelaysNoOther) {
  Receiver other(network);
  other.silent = true;
  config.webhooks = {webhook_at(other.url()), webhook_at(receiver.url())};
  database->begin();
  for (const char* body : {"1", "2", "3"}) add(body);
  ASSERT_TRUE(run_until([&] { return receiver.requests.size() == 3; }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(other.bodies(), (std::vector<std::string>{"1"}));
}

TEST_F(WebhooksTest, PruningKeepsTheNewestAndWhatWaits) {
  configure(receiver.url(), [](WebhookConfig& webhook) { webhook.retries = retries(0, 0); });
  database->begin();
  const int all = limits::kWebhookLog + 20;
  for (int i = 0; i < all; ++i) add(std::to_string(i));
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  receiver.silent = true;
  add("waits");
  tick();
  EXPECT_EQ(webhooks->prune(0, 15), 15);
  EXPECT_EQ(webhooks->prune(0, 15), 5);
  EXPECT_EQ(webhooks->prune(0, 15), 0);
  auto left = log({});
  ASSERT_EQ(left.size(), static_cast<std::size_t>(limits::kWebhookLog + 1));
  EXPECT_EQ(left.front().event_id, "evt_20");
  EXPECT_EQ(webhooks->prune(loop.now().wall + kHour, 1000), limits::kWebhookLog) << "all are older than that";
  left = log({});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].state, DeliveryState::pending);
}

TEST_F(WebhooksTest, ARemovedWebhookLeavesDeadLettersAndCannotBeReplayedTo) {
  configure("http://127.0.0.1:1/");
  database->begin();
  add("1");
  tick();
  config = {};
  restart();
  ASSERT_TRUE(run_until([&] { return none_pending(); }));
  const auto dead = log(DeliveryState::dead);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].why, "webhook removed");
  EXPECT_EQ(webhooks->replay(session, dead[0].id).cause(), Cause::bad_input);
}

}  // namespace
}  // namespace pigeond::gateway
