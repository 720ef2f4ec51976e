#include "gateway/webhooks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "gateway/session_config.h"
#include "net/listener.h"
#include "store/sessions.h"

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
    const std::string& answer = answers[std::min(requests.size(), answers.size()) - 1];
    static_cast<void>(connection.stream->write(as_bytes(answer)));
    connection.stream->close();
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
    webhooks = std::make_unique<Webhooks>(network, *database, random, Webhooks::Options{"", "pigeond/test"},
                                          [this](std::int64_t) { return &config; });
  }

  void configure(const std::string& url, const std::string& more = "") {
    auto parsed =
        parse_session_config(R"({"webhooks":[{"url":")" + url + R"(","events":["message"])" + more + "}]}");
    ASSERT_TRUE(parsed) << parsed.error().detail;
    config = std::move(*parsed);
  }

  void add(const std::string& body, const std::string& name = "message") {
    Event event{"evt_" + body, 1700000000000, name, StatusChange{}};
    webhooks->add(session, config, event, [&] { return body; });
  }

  // What the gateway does after each round of the loop.
  void tick() {
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

  bool no_rows() { return store::webhook_queues(*database).empty(); }

  SystemClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  net::Network network{loop, random};
  Receiver receiver{network};
  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  SessionConfig config;
  std::unique_ptr<Webhooks> webhooks;
};

TEST_F(WebhooksTest, DeliversInOrderAndKeepsNoRow) {
  configure(receiver.url());
  database->begin();
  for (const char* body : {"1", "2", "3", "4", "5"}) add(body);
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
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
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"kept"}));
}

TEST_F(WebhooksTest, RetriesTheFirstBeforeTheSecond) {
  configure(receiver.url(), R"(,"retries":{"delaySeconds":0,"attempts":5})");
  receiver.answers = {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 OK\r\n\r\n"};
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "1", "1", "2"}));
  EXPECT_EQ(receiver.header(0, "X-Webhook-Request-Id"), receiver.header(2, "X-Webhook-Request-Id"));
  EXPECT_NE(receiver.header(2, "X-Webhook-Request-Id"), receiver.header(3, "X-Webhook-Request-Id"));
}

TEST_F(WebhooksTest, GivesUpAfterTheConfiguredRetriesAndGoesOn) {
  configure(receiver.url(), R"(,"retries":{"delaySeconds":0,"attempts":2})");
  const std::string refusal = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
  receiver.answers = {refusal, refusal, refusal, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "1", "1", "2"}));
}

TEST_F(WebhooksTest, DeliversAfterARestartWhatWasLeft) {
  configure(receiver.url());
  database->begin();
  add("1");
  add("2");
  ASSERT_TRUE(database->commit());
  webhooks.reset();
  make();
  webhooks->resume();
  database->begin();
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(WebhooksTest, DropsWhatWaitsForAnUrlThatIsNoLongerConfigured) {
  configure(receiver.url());
  database->begin();
  add("1");
  ASSERT_TRUE(database->commit());
  config = {};
  webhooks.reset();
  make();
  webhooks->resume();
  database->begin();
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_TRUE(receiver.requests.empty());
}

TEST_F(WebhooksTest, TellsOnlyWhatIsSubscribedTo) {
  configure(receiver.url());
  database->begin();
  add("1", "message.ack");
  add("2");
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.bodies(), (std::vector<std::string>{"2"}));
}

TEST_F(WebhooksTest, SignsAndMarksEachDelivery) {
  configure(receiver.url(),
            R"(,"hmac":{"key":"my-secret-key"},"customHeaders":[{"name":"X-Token","value":"t"},)"
            R"({"name":"User-Agent","value":"mine"},{"name":"Content-Type","value":"text/plain"},)"
            R"({"name":"X-Webhook-Hmac","value":"forged"}])");
  const std::string body = R"({"event":"message","session":"default","engine":"WEBJS"})";
  database->begin();
  add(body);
  ASSERT_TRUE(run_until([&] { return no_rows(); }));
  EXPECT_EQ(receiver.header(0, "X-Webhook-Hmac"),
            "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e7"
            "8a33a63f"
            "6752c2c1631777076153fa89");
  EXPECT_EQ(receiver.header(0, "X-Webhook-Hmac-Algorithm"), "sha512");
  EXPECT_EQ(receiver.header(0, "X-Webhook-Timestamp"), "1700000000000");
  EXPECT_EQ(receiver.header(0, "Content-Type"), "application/json");
  EXPECT_EQ(receiver.header(0, "User-Agent"), "mine");
  EXPECT_EQ(receiver.header(0, "X-Token"), "t");
}

TEST_F(WebhooksTest, ForgetsTheOldestWhenAQueueIsFull) {
  configure("http://127.0.0.1:1/");
  database->begin();
  for (int i = 0; i < limits::kWebhookQueue + 3; ++i) add(std::to_string(i));
  ASSERT_TRUE(database->commit());
  const auto queues = store::webhook_queues(*database);
  ASSERT_EQ(queues.size(), 1u);
  EXPECT_EQ(queues[0].count, limits::kWebhookQueue);
  EXPECT_EQ(store::first_webhook_delivery(*database, session, "http://127.0.0.1:1/")->body, "3");
}

TEST(RetryDelay, FollowsThePolicy) {
  SeededRandom random(1);
  const RetryPolicy constant{RetryPolicy::Kind::constant, 2, 15}, linear{RetryPolicy::Kind::linear, 2, 15},
      exponential{RetryPolicy::Kind::exponential, 2, 15};
  EXPECT_EQ(retry_delay(constant, 1, random), 2000);
  EXPECT_EQ(retry_delay(constant, 9, random), 2000);
  EXPECT_EQ(retry_delay(linear, 3, random), 6000);
  for (int i = 0; i < 100; ++i) {
    const Millis delay = retry_delay(exponential, 3, random);
    EXPECT_GE(delay, 16000);
    EXPECT_LE(delay, 19200);
  }
  EXPECT_EQ(retry_delay(exponential, 1000, random), kHour);
}

}  // namespace
}  // namespace pigeond::gateway
