#include "base/limits.h"
#include "net/tcp_stream.h"
#include "net/websocket/websocket_client.h"
#include "net/websocket/websocket_server.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

// What one end has seen.
struct End {
  WebSocket::Callbacks callbacks() {
    WebSocket::Callbacks out;
    out.on_open = [this] { open = true; };
    out.on_binary = [this](ByteView data) { log.push_back("binary:" + std::string(as_text(data))); };
    out.on_text = [this](ByteView data) { log.push_back("text:" + std::string(as_text(data))); };
    out.on_closed = [this](Error error) { closed = std::move(error); };
    return out;
  }
  bool open = false;
  std::vector<std::string> log;
  std::optional<Error> closed;
};

class WebSocketConnectionTest : public NetTest {
 protected:
  void serve(std::shared_ptr<const TlsIdentity> identity = nullptr) {
    server = std::make_unique<WebSocketServer>(
        network,
        [this](std::unique_ptr<WebSocket> socket, const HttpRequestHead& head) {
          request = head;
          accepted = std::move(socket);
          accepted->set_callbacks(at_server.callbacks());
        },
        [this](const HttpRequestHead&) { return refuse_with; });
    auto bound = server->listen("127.0.0.1", 0, std::move(identity));
    ASSERT_TRUE(bound.ok());
    port = *bound;
  }
  void connect(const std::string& scheme = "ws", WebSocketOptions options = {}) {
    client = WebSocketClient::connect(network, scheme + "://localhost:" + std::to_string(port) + "/ws/chat",
                                      options);
    client->set_callbacks(at_client.callbacks());
  }
  void connect_both() {
    serve();
    connect();
    ASSERT_TRUE(run_until([&] { return (at_client.open && accepted) || at_client.closed; }));
    ASSERT_FALSE(at_client.closed) << at_client.closed->detail;
  }
  // A server's end without any WebSocket in it: tests write what they like.
  void serve_raw(const std::string& answer) {
    auto opened =
        Listener::open(network, "127.0.0.1", 0, nullptr, [this, answer](std::unique_ptr<Stream> stream) {
          raw = std::move(stream);
          Stream::Callbacks callbacks;
          callbacks.on_data = [this, answer](ByteView data) {
            raw_received += as_text(data);
            if (!answer.empty()) {
              EXPECT_TRUE(raw->write(as_bytes(answer)).ok());
            }
          };
          raw->set_callbacks(std::move(callbacks));
        });
    ASSERT_TRUE(opened.ok());
    raw_listener = std::move(*opened);
    port = raw_listener->port();
  }
  // A client's end likewise.
  void connect_raw(const std::string& text) {
    raw = TcpStream::connect(network, "127.0.0.1", port, 20 * kSecond);
    Stream::Callbacks callbacks;
    callbacks.on_data = [this](ByteView data) { raw_received += as_text(data); };
    callbacks.on_closed = [this](Error error) { raw_closed = std::move(error); };
    raw->set_callbacks(std::move(callbacks));
    ASSERT_TRUE(raw->write(as_bytes(text)).ok());
  }

  std::unique_ptr<WebSocketServer> server;
  std::unique_ptr<WebSocketClient> client;
  std::unique_ptr<WebSocket> accepted;
  std::unique_ptr<Listener> raw_listener;
  std::unique_ptr<Stream> raw;
  std::string raw_received;
  std::optional<Error> raw_closed;
  HttpRequestHead request;
  End at_client, at_server;
  std::uint16_t port = 0;
  int refuse_with = 0;
};

const char kUpgrade[] =
    "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

TEST_F(WebSocketConnectionTest, MessagesFlowBothWays) {
  connect_both();
  ASSERT_TRUE(client->send_binary(as_bytes("question")).ok());
  ASSERT_TRUE(client->send_text("text").ok());
  ASSERT_TRUE(accepted->send_binary(as_bytes("answer")).ok());
  EXPECT_TRUE(run_until([&] { return at_server.log.size() == 2 && at_client.log.size() == 1; }));
  EXPECT_EQ(at_server.log, (std::vector<std::string>{"binary:question", "text:text"}));
  EXPECT_EQ(at_client.log, std::vector<std::string>{"binary:answer"});
  EXPECT_EQ(request.target, "/ws/chat");
}

TEST_F(WebSocketConnectionTest, MessagesWrittenTogetherArriveAsMessagesOfTheirOwn) {
  connect_both();
  const std::vector<Bytes> messages = {to_bytes(as_bytes("one")), {}, to_bytes(as_bytes("three"))};
  ASSERT_TRUE(client->send_binaries(messages).ok());
  EXPECT_TRUE(run_until([&] { return at_server.log.size() == 3; }));
  EXPECT_EQ(at_server.log, (std::vector<std::string>{"binary:one", "binary:", "binary:three"}));
}

TEST_F(WebSocketConnectionTest, MessagesFlowBothWaysOverTls) {
  serve(identity("ec.crt", "ec.key"));
  WebSocketOptions options;
  options.tls = trusting("ca.crt");
  options.headers = {{"Origin", "https://web.whatsapp.com"}};
  connect("wss", options);
  ASSERT_TRUE(run_until([&] { return (at_client.open && accepted) || at_client.closed; }));
  ASSERT_FALSE(at_client.closed) << at_client.closed->detail;
  EXPECT_EQ(find_header(request.headers, "Origin"), "https://web.whatsapp.com");
  const std::string big(300'000, 'b');
  ASSERT_TRUE(client->send_binary(as_bytes(big)).ok());
  ASSERT_TRUE(accepted->send_binary(as_bytes(big)).ok());
  ASSERT_TRUE(run_until([&] { return !at_server.log.empty() && !at_client.log.empty(); }));
  EXPECT_TRUE(at_server.log[0] == "binary:" + big);
  EXPECT_TRUE(at_client.log[0] == "binary:" + big);
}

TEST_F(WebSocketConnectionTest, AnUntrustedServerIsATlsErrorAndNothingIsSentToIt) {
  serve(identity("ec.crt", "ec.key"));
  WebSocketOptions options;
  options.tls = trusting("other_ca.crt");
  connect("wss", options);
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::tls);
  EXPECT_EQ(accepted, nullptr);
}

TEST_F(WebSocketConnectionTest, AMessageOfTheLargestSizePasses) {
  connect_both();
  const Bytes largest(limits::kWebSocketMessage, 'm');
  ASSERT_TRUE(client->send_binary(largest).ok());
  ASSERT_TRUE(run_until([&] { return !at_server.log.empty(); }));
  EXPECT_EQ(at_server.log[0].size(), 7 + largest.size());
}

TEST_F(WebSocketConnectionTest, AMessageOverTheLimitEndsTheConnectionWith1009) {
  connect_both();
  ASSERT_TRUE(client->send_binary(Bytes(limits::kWebSocketMessage + 1, 'm')).ok());
  ASSERT_TRUE(run_until([&] { return at_server.closed.has_value(); }));
  EXPECT_EQ(at_server.closed->cause, Cause::too_large);
  EXPECT_TRUE(at_server.log.empty());
}

TEST_F(WebSocketConnectionTest, CloseTellsTheOtherSideTheCode) {
  connect_both();
  ASSERT_TRUE(client->send_binary(as_bytes("last")).ok());
  client->close(4001, "done");
  EXPECT_EQ(client->send_binary(as_bytes("late")).cause(), Cause::link_lost);
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value() && at_server.closed.has_value(); }));
  EXPECT_EQ(at_server.log, std::vector<std::string>{"binary:last"});
  EXPECT_EQ(at_server.closed->cause, Cause::link_lost);
  EXPECT_EQ(at_server.closed->code, 4001);
  EXPECT_EQ(at_client.closed->cause, Cause::cancelled);
}

TEST_F(WebSocketConnectionTest, AConnectionThatJustEndsIsALostLinkWithoutACode) {
  connect_both();
  accepted.reset();
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::link_lost);
  EXPECT_LT(at_client.closed->code, 1000);
}

TEST_F(WebSocketConnectionTest, PingsAreAnswered) {
  serve();
  connect_raw(std::string(kUpgrade) + std::string("\x89\x81\0\0\0\0p", 7));
  ASSERT_TRUE(run_until([&] { return raw_received.find(std::string("\x8a\x01p")) != std::string::npos; }));
}

TEST_F(WebSocketConnectionTest, FramesSentTogetherWithTheRequestAreNotLost) {
  serve();
  connect_raw(std::string(kUpgrade) + std::string("\x82\x81\0\0\0\0a\x82\x81\0\0\0\0b", 14));
  ASSERT_TRUE(run_until([&] { return at_server.log.size() == 2; }));
  EXPECT_EQ(at_server.log, (std::vector<std::string>{"binary:a", "binary:b"}));
}

TEST_F(WebSocketConnectionTest, FramesSentTogetherWithTheAnswerAreNotLost) {
  // The key is random but known from the seed: play the server by hand, once the request is there.
  serve_raw("");
  connect();
  ASSERT_TRUE(run_until([&] { return raw_received.find("\r\n\r\n") != std::string::npos; }));
  auto head = parse_request_head(raw_received);
  ASSERT_TRUE(head.ok());
  auto answer = websocket_response(*head);
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(raw->write(as_bytes(*answer + "\x82\x01" + "a")).ok());
  ASSERT_TRUE(run_until([&] { return at_client.log.size() == 1; }));
  EXPECT_TRUE(at_client.open);
  EXPECT_EQ(at_client.log[0], "binary:a");
}

TEST_F(WebSocketConnectionTest, AClientThatBreaksTheProtocolIsClosedWith1002) {
  serve();
  connect_raw(std::string(kUpgrade) + std::string("\x82\x01"
                                                  "a",
                                                  3));  // not masked
  ASSERT_TRUE(run_until([&] { return at_server.closed.has_value() || raw_closed; }));
  ASSERT_TRUE(run_until([&] { return raw_closed.has_value(); }));
  EXPECT_NE(raw_received.find(std::string("\x88\x02\x03\xea")), std::string::npos);
  raw.reset();
  ASSERT_TRUE(run_until([&] { return at_server.closed.has_value(); }));
  EXPECT_EQ(at_server.closed->cause, Cause::malformed);
  EXPECT_EQ(at_server.closed->code, close_code::kProtocolError);
}

TEST_F(WebSocketConnectionTest, ARefusedUpgradeReportsTheHttpStatus) {
  refuse_with = 403;
  serve();
  connect();
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::ack_error);
  EXPECT_EQ(at_client.closed->code, 403);
  EXPECT_FALSE(at_client.open);
  EXPECT_EQ(accepted, nullptr);
}

TEST_F(WebSocketConnectionTest, PlainHttpRequestsAreAnsweredWith400) {
  serve();
  connect_raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return raw_closed.has_value(); }));
  EXPECT_EQ(raw_received.substr(0, 13), "HTTP/1.1 400 ");
}

TEST_F(WebSocketConnectionTest, RequestHeadsHaveALimit) {
  serve();
  connect_raw("GET / HTTP/1.1\r\nX: " + std::string(limits::kHttpHead, 'x'));
  ASSERT_TRUE(run_until([&] { return raw_closed.has_value(); }));
  EXPECT_EQ(raw_received.substr(0, 13), "HTTP/1.1 431 ");
}

TEST_F(WebSocketConnectionTest, AnAnswerThatIsNotHttpIsMalformed) {
  serve_raw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  connect();
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::malformed);
}

TEST_F(WebSocketConnectionTest, ASilentServerTimesOut) {
  serve_raw("");
  WebSocketOptions options;
  options.timeout = 50;
  connect("ws", options);
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::timed_out);
}

TEST_F(WebSocketConnectionTest, UnusableUrlsAreReportedThroughOnClosed) {
  for (const char* url : {"http://localhost/", "ws://", "nonsense"}) {
    End end;
    auto broken = WebSocketClient::connect(network, url, {});
    broken->set_callbacks(end.callbacks());
    ASSERT_TRUE(run_until([&] { return end.closed.has_value(); })) << url;
    EXPECT_EQ(end.closed->cause, Cause::bad_input) << url;
  }
}

TEST_F(WebSocketConnectionTest, CloseBeforeItIsOpenReportsCancelled) {
  serve();
  connect();
  client->close();
  EXPECT_FALSE(at_client.closed);
  ASSERT_TRUE(run_until([&] { return at_client.closed.has_value(); }));
  EXPECT_EQ(at_client.closed->cause, Cause::cancelled);
}

TEST_F(WebSocketConnectionTest, AConnectionMayBeDestroyedInItsOwnCallbacks) {
  connect_both();
  WebSocket::Callbacks callbacks;
  callbacks.on_binary = [this](ByteView) { client.reset(); };
  client->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(accepted->send_binary(as_bytes("one")).ok());
  ASSERT_TRUE(accepted->send_binary(as_bytes("two")).ok());
  ASSERT_TRUE(run_until([&] { return at_server.closed.has_value(); }));
  EXPECT_EQ(client, nullptr);
}

TEST_F(WebSocketConnectionTest, BackPressureReachesTheSender) {
  connect_both();
  accepted->set_reading(false);
  const Bytes message(1 << 20, 'm');
  std::size_t sent = 0;
  while (client->send_binary(message).ok()) ASSERT_LT(++sent, 256U);
  EXPECT_GT(client->buffered(), 0U);
  accepted->set_reading(true);
  EXPECT_TRUE(run_until([&] { return at_server.log.size() == sent; }));
  EXPECT_EQ(client->buffered(), 0U);
}

TEST_F(WebSocketConnectionTest, ManyConnectionsLiveSideBySide) {
  std::vector<std::unique_ptr<WebSocket>> all;
  WebSocketServer echo(network, [&](std::unique_ptr<WebSocket> socket, const HttpRequestHead&) {
    WebSocket::Callbacks callbacks;
    callbacks.on_binary = [raw_socket = socket.get()](ByteView data) { (void)raw_socket->send_binary(data); };
    socket->set_callbacks(std::move(callbacks));
    all.push_back(std::move(socket));
  });
  auto bound = echo.listen("127.0.0.1", 0);
  ASSERT_TRUE(bound.ok());
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  std::vector<End> ends(50);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    clients.push_back(WebSocketClient::connect(network, "ws://127.0.0.1:" + std::to_string(*bound), {}));
    auto callbacks = ends[i].callbacks();
    callbacks.on_open = [&, i] { (void)clients[i]->send_binary(as_bytes(std::to_string(i))); };
    clients[i]->set_callbacks(std::move(callbacks));
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    ASSERT_TRUE(run_until([&] { return ends[i].log.size() == 1; }));
    EXPECT_EQ(ends[i].log[0], "binary:" + std::to_string(i));
  }
}

}  // namespace
}  // namespace pigeond::net
