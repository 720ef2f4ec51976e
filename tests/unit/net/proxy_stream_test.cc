#include "net/proxy/proxy_stream.h"

#include "net/listener.h"
#include "net/websocket/websocket_client.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

// A proxy whose part a test plays by hand.
class ProxyStreamTest : public NetTest {
 protected:
  void SetUp() override {
    auto opened = Listener::open(network, "127.0.0.1", 0, nullptr, [this](std::unique_ptr<Stream> stream) {
      server = std::move(stream);
      Stream::Callbacks callbacks;
      callbacks.on_data = [this](ByteView data) { at_proxy += as_text(data); };
      callbacks.on_closed = [this](Error) { proxy_closed = true; };
      server->set_callbacks(std::move(callbacks));
    });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
    Proxy made;
    made.host = "127.0.0.1";
    made.port = listener->port();
    way = std::make_shared<const Proxy>(made);
  }
  void connect(const ProxyRef& through) {
    client = ProxyStream::connect(network, through, "far.example", 443, 20 * kSecond);
    Stream::Callbacks callbacks;
    callbacks.on_open = [this] { open = true; };
    callbacks.on_data = [this](ByteView data) { at_client += as_text(data); };
    callbacks.on_closed = [this](Error error) { closed = std::move(error); };
    client->set_callbacks(std::move(callbacks));
  }
  void say(std::string_view text) { ASSERT_TRUE(server->write(as_bytes(text)).ok()); }
  bool asked() {
    return run_until([&] { return at_proxy.ends_with("\r\n\r\n"); });
  }

  std::unique_ptr<Listener> listener;
  ProxyRef way;
  std::unique_ptr<Stream> server, client;
  std::string at_proxy, at_client;
  std::optional<Error> closed;
  bool open = false, proxy_closed = false;
};

TEST_F(ProxyStreamTest, WhatIsWrittenWaitsForTheConnectionAndThenBytesFlowBothWays) {
  connect(way);
  ASSERT_TRUE(client->write(as_bytes("early")).ok());
  ASSERT_TRUE(asked());
  EXPECT_EQ(at_proxy.find("early"), std::string::npos);
  say("HTTP/1.1 200 OK\r\n\r\nhello");
  ASSERT_TRUE(run_until([&] { return open && at_client == "hello" && at_proxy.ends_with("early"); }));
  ASSERT_TRUE(client->write(as_bytes(" bird")).ok());
  say(" you");
  EXPECT_TRUE(run_until([&] { return at_client == "hello you" && at_proxy.ends_with("early bird"); }));
  EXPECT_NE(client->peer().find("far.example:443 through 127.0.0.1:"), std::string::npos);
}

TEST_F(ProxyStreamTest, WhatCameWithTheAnswerWaitsForAReader) {
  connect(way);
  client->set_reading(false);
  ASSERT_TRUE(asked());
  say("HTTP/1.1 200 OK\r\n\r\nhello");
  ASSERT_TRUE(run_until([&] { return open; }));
  loop.run_once(loop.now().mono);
  EXPECT_EQ(at_client, "");
  client->set_reading(true);
  EXPECT_TRUE(run_until([&] { return at_client == "hello"; }));
}

TEST_F(ProxyStreamTest, ARefusalIsItsEnd) {
  connect(way);
  ASSERT_TRUE(asked());
  say("HTTP/1.1 403 no\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return closed && proxy_closed; }));
  EXPECT_EQ(closed->cause, Cause::proxy);
  EXPECT_EQ(closed->code, 403);
  EXPECT_FALSE(open);
  EXPECT_EQ(client->write(as_bytes("x")).cause(), Cause::link_lost);
}

TEST_F(ProxyStreamTest, AProxyThatHangsUpIsNamed) {
  connect(way);
  ASSERT_TRUE(asked());
  server->close();
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::proxy);
  EXPECT_EQ(closed->detail, "the proxy " + way->text() + " closes the connection without an answer");
}

TEST_F(ProxyStreamTest, AProxyThatIsSilentIsGivenUp) {
  connect(way);
  ASSERT_TRUE(asked());
  clock.ahead += 21 * kSecond;
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::proxy);
  EXPECT_NE(closed->detail.find("gives no answer in time"), std::string::npos) << closed->detail;
}

TEST_F(ProxyStreamTest, AProxyThatIsNotThereIsNamed) {
  listener.reset();
  connect(way);
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::proxy);
  EXPECT_NE(closed->detail.find("can't be reached"), std::string::npos) << closed->detail;
}

TEST_F(ProxyStreamTest, OneThatCannotBeUsedIsNotPassedBy) {
  Proxy unusable = *way;
  unusable.trouble = "nobody can read it";
  connect(std::make_shared<const Proxy>(unusable));
  EXPECT_FALSE(closed) << "not from inside";
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::proxy);
  EXPECT_EQ(closed->detail, "nobody can read it");
  EXPECT_EQ(server, nullptr);
}

TEST_F(ProxyStreamTest, AConnectionThatIsLostAfterwardsIsALostLink) {
  connect(way);
  ASSERT_TRUE(asked());
  say("HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return open; }));
  server->close();
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::link_lost);
}

TEST_F(ProxyStreamTest, CloseReportsFromTheLoopBeforeAndAfterTheConnectionIsThere) {
  connect(way);
  client->close();
  EXPECT_FALSE(closed);
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::cancelled);
  closed.reset();
  connect(way);
  at_proxy.clear();
  ASSERT_TRUE(asked());
  say("HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return open; }));
  ASSERT_TRUE(client->write(as_bytes("bye")).ok());
  client->close();
  ASSERT_TRUE(run_until([&] { return proxy_closed && at_proxy.ends_with("bye"); }));
  server.reset();
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::cancelled);
}

// The proxy has a part of the time, so that its silence is not taken for the service's.
TEST_F(ProxyStreamTest, AWebSocketSaysThatItsProxyIsSilent) {
  WebSocketOptions options;
  options.proxy = way;
  auto socket = WebSocketClient::connect(network, "wss://far.example/ws", options);
  WebSocket::Callbacks callbacks;
  callbacks.on_closed = [this](const Error& error) { closed = error; };
  socket->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(asked());
  EXPECT_TRUE(at_proxy.starts_with("CONNECT far.example:443 HTTP/1.1\r\n"));
  clock.ahead += 16 * kSecond;
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->cause, Cause::proxy);
}

}  // namespace
}  // namespace pigeond::net
