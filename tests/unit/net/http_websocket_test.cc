// WebSockets and TLS at the front door.
#include "net/http/connection/websocket.h"

#include "base/text.h"
#include "http_support.h"
#include "support.h"

namespace pigeond::net {
namespace {

class HttpWebSocketTest : public HttpServerTest {
 protected:
  void SetUp() override {
    more = [this](HttpRequest& request) -> std::optional<HttpAdmission> {
      if (request.path != "/ws") return std::nullopt;
      return admit_websocket(server->network(), request, 100,
                             [this](std::unique_ptr<WebSocket> fresh, const HttpRequest& asked) {
                               topic = asked.parameter("topic");
                               socket = std::move(fresh);
                               WebSocket::Callbacks callbacks;
                               callbacks.on_text = [this](ByteView message) {
                                 (void)socket->send_text(as_text(message));
                               };
                               callbacks.on_closed = [this](const Error&) { closed = true; };
                               socket->set_callbacks(std::move(callbacks));
                             });
    };
    open();
  }
  void TearDown() override {
    on_loop([&] { socket.reset(); });
    HttpServerTest::TearDown();
  }
  static std::string upgrade(const std::string& key = "dGhlIHNhbXBsZSBub25jZQ==") {
    return "GET /ws?topic=all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
           key + "\r\n\r\n";
  }
  // A client's frame, masked with zeros; up to 65,535 bytes.
  static std::string frame(char opcode, const std::string& payload) {
    std::string out(1, static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
      out += static_cast<char>(0x80 | payload.size());
    } else {
      out += static_cast<char>(0x80 | 126);
      out += static_cast<char>(payload.size() >> 8);
      out += static_cast<char>(payload.size() & 0xff);
    }
    return out + std::string(4, '\0') + payload;
  }

  std::unique_ptr<WebSocket> socket;
  std::string topic;
  std::atomic<bool> closed{false};
};

TEST_F(HttpWebSocketTest, WhatComesWithTheRequestIsNotLost) {
  RawClient client(port);
  client.send(upgrade() + frame(1, "hello"));
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_EQ(status_of(head), "HTTP/1.1 101");
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << head;
  EXPECT_EQ(client.read_bytes(7), "\x81\x05hello");
  EXPECT_EQ(topic, "all");
}

TEST_F(HttpWebSocketTest, OnlyProperUpgradesAreTaken) {
  EXPECT_EQ(status_of(ask(upgrade("short"))), "HTTP/1.1 400");
  EXPECT_EQ(status_of(ask(get("/ws"))), "HTTP/1.1 400");
  EXPECT_EQ(socket, nullptr);
}

TEST_F(HttpWebSocketTest, MessagesAreSmallUntilMoreIsAllowed) {
  RawClient client(port);
  client.send(upgrade() + frame(1, std::string(100, 'x')));
  (void)client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_bytes(102).size(), 102U);
  on_loop([&] { socket->set_max_message(1000); });
  client.send(frame(1, std::string(1000, 'x')));
  EXPECT_EQ(client.read_bytes(1004).size(), 1004U);
  client.send(frame(1, std::string(1001, 'x')));
  const auto close = client.read_bytes(4);
  ASSERT_EQ(close.size(), 4U);
  EXPECT_EQ(static_cast<unsigned char>(close[0]), 0x88U);
  EXPECT_EQ((static_cast<unsigned char>(close[2]) << 8) | static_cast<unsigned char>(close[3]), 1009);
}

TEST_F(HttpWebSocketTest, AFloodOfPingsIsNotAnsweredInFull) {
  RawClient client(port);
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += frame(9, "p");
  client.send(upgrade() + flood + frame(1, "end"));
  (void)client.read_until("\r\n\r\n");
  const auto answers = client.read_until("end");
  const auto pongs = (answers.size() - 5) / 3;
  EXPECT_GE(pongs, 20U);
  EXPECT_LT(pongs, 100U);
}

class HttpsTest : public NetTest {};

TEST_F(HttpsTest, TheSameIsServedOverTls) {
  HttpServer server({}, [](int status, std::string_view) { return std::to_string(status); });
  const auto port = server.listen(
      "127.0.0.1", 0,
      [](HttpRequest&) {
        return HttpWork{[](const HttpRequest& request) {
          HttpReply reply;
          reply.body = request.body + std::string(200'000, 'x');
          return reply;
        }};
      },
      identity("ec.crt", "ec.key"));
  ASSERT_TRUE(port);
  ASSERT_TRUE(server.start());
  auto stream = connect_stream(network, "localhost", *port, true, trusting("ca.crt"), 20 * kSecond);
  std::string seen;
  bool ended = false;
  Stream::Callbacks callbacks;
  callbacks.on_open = [&] {
    for (int i = 0; i < 2; ++i)
      (void)stream->write(as_bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"));
  };
  callbacks.on_data = [&](ByteView data) { seen += as_text(data); };
  callbacks.on_closed = [&](const Error& error) {
    ADD_FAILURE() << error.detail;
    ended = true;
  };
  stream->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(run_until([&] { return ended || seen.size() >= 400'004; }));
  EXPECT_TRUE(seen.starts_with("HTTP/1.1 200 OK\r\n"));
  stream.reset();
}

TEST_F(HttpsTest, ASilentHandshakeEndsInItsTime) {
  TurnedClock turned;
  HttpServer::Options options;
  options.clock = &turned;
  HttpServer server(std::move(options), [](int, std::string_view) { return std::string(); });
  const auto port = server.listen(
      "127.0.0.1", 0, [](HttpRequest&) { return HttpAnswer{}; }, identity("ec.crt", "ec.key"));
  ASSERT_TRUE(port);
  ASSERT_TRUE(server.start());
  RawClient client(*port);
  client.send("\x16\x03");
  while (server.counters().connections == 0) std::this_thread::yield();
  turned.ahead += 10 * kSecond;
  server.loop().post([] {});
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.counters().timeouts, 1U);
}

}  // namespace
}  // namespace pigeond::net
