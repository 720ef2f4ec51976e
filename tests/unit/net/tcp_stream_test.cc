#include "net/tcp_stream.h"

#include "base/limits.h"
#include "net/listener.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

class TcpStreamTest : public NetTest {
 protected:
  void SetUp() override {
    auto opened = Listener::open(network, "127.0.0.1", 0, nullptr, [this](std::unique_ptr<Stream> stream) {
      server = std::move(stream);
      Stream::Callbacks callbacks;
      callbacks.on_data = [this](ByteView data) { at_server += as_text(data); };
      callbacks.on_closed = [this](Error error) { server_closed = std::move(error); };
      server->set_callbacks(std::move(callbacks));
    });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
  }

  void connect(const std::string& host, std::uint16_t port) {
    client = TcpStream::connect(network, host, port, 20 * kSecond);
    Stream::Callbacks callbacks;
    callbacks.on_open = [this] { client_open = true; };
    callbacks.on_data = [this](ByteView data) { at_client += as_text(data); };
    callbacks.on_drained = [this] { ++drained; };
    callbacks.on_closed = [this](Error error) { client_closed = std::move(error); };
    client->set_callbacks(std::move(callbacks));
  }
  void connect_both() {
    connect("127.0.0.1", listener->port());
    ASSERT_TRUE(run_until([&] { return client_open && server; }));
  }

  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> server;
  std::unique_ptr<TcpStream> client;
  std::string at_server, at_client;
  std::optional<Error> server_closed, client_closed;
  bool client_open = false;
  int drained = 0;
};

TEST_F(TcpStreamTest, BytesFlowBothWays) {
  connect_both();
  ASSERT_TRUE(client->write(as_bytes("question")).ok());
  ASSERT_TRUE(server->write(as_bytes("answer")).ok());
  EXPECT_TRUE(run_until([&] { return at_server == "question" && at_client == "answer"; }));
  EXPECT_EQ(client->buffered(), 0U);
  EXPECT_NE(server->peer().find("127.0.0.1:"), std::string::npos);
}

TEST_F(TcpStreamTest, WhatIsWrittenBeforeTheConnectionIsSentOnceItIsThere) {
  connect("localhost", listener->port());
  ASSERT_TRUE(client->write(as_bytes("early ")).ok());
  ASSERT_TRUE(client->write(as_bytes("bird")).ok());
  EXPECT_EQ(client->buffered(), 10U);
  EXPECT_TRUE(run_until([&] { return at_server == "early bird"; }));
}

TEST_F(TcpStreamTest, TheOtherSidesCloseIsALostLink) {
  connect_both();
  server->close();
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::link_lost);
  EXPECT_EQ(client->write(as_bytes("x")).cause(), Cause::link_lost);
}

TEST_F(TcpStreamTest, CloseSendsWhatIsBufferedFirst) {
  connect_both();
  server->set_reading(false);
  const std::string big(8'000'000, 'x');
  ASSERT_TRUE(client->write(as_bytes(big)).ok());
  EXPECT_GT(client->buffered(), 0U);
  client->close();
  EXPECT_EQ(client->write(as_bytes("more")).cause(), Cause::link_lost);
  server->set_reading(true);
  ASSERT_TRUE(run_until([&] { return server_closed.has_value(); }));
  EXPECT_EQ(at_server.size(), big.size());
  EXPECT_EQ(server_closed->cause, Cause::link_lost);
  server.reset();
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::cancelled);
}

TEST_F(TcpStreamTest, CloseDoesNotWaitForEverForASideThatDoesNotRead) {
  connect_both();
  server->set_reading(false);
  ASSERT_TRUE(client->write(Bytes(8'000'000, 1)).ok());
  client->close();
  loop.run_once(0);
  EXPECT_FALSE(client_closed);
  clock.ahead = kMinute;
  loop.run_once(0);
  ASSERT_TRUE(client_closed);
  EXPECT_EQ(client_closed->cause, Cause::cancelled);
}

TEST_F(TcpStreamTest, CloseReportsFromTheLoopNotFromInside) {
  connect("127.0.0.1", listener->port());
  client->close();
  EXPECT_FALSE(client_closed.has_value());
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::cancelled);
  EXPECT_FALSE(client_open);
}

TEST_F(TcpStreamTest, ASideThatDoesNotReadHoldsTheOtherBackAtTheLimit) {
  connect_both();
  server->set_reading(false);
  const Bytes chunk(1 << 20, 7);
  std::size_t taken = 0;
  Status status;
  while ((status = client->write(chunk)).ok()) {
    taken += chunk.size();
    ASSERT_LE(client->buffered(), limits::kStreamBuffer);
    ASSERT_LT(taken, std::size_t{256} << 20);
  }
  EXPECT_EQ(status.cause(), Cause::too_large);
  server->set_reading(true);
  EXPECT_TRUE(run_until([&] { return drained > 0; }));
  EXPECT_EQ(client->buffered(), 0U);
  EXPECT_TRUE(run_until([&] { return at_server.size() == taken; }));
}

TEST_F(TcpStreamTest, PausedReadingDeliversNothing) {
  connect_both();
  client->set_reading(false);
  ASSERT_TRUE(server->write(as_bytes("held")).ok());
  ASSERT_TRUE(client->write(as_bytes("marker")).ok());
  ASSERT_TRUE(run_until([&] { return at_server == "marker"; }));
  EXPECT_EQ(at_client, "");
  client->set_reading(true);
  EXPECT_TRUE(run_until([&] { return at_client == "held"; }));
}

TEST_F(TcpStreamTest, AStreamMayBeDestroyedInItsOwnCallbacks) {
  connect_both();
  Stream::Callbacks callbacks;
  bool gone = false;
  callbacks.on_data = [&, keep = std::string(100, 'k')](ByteView) {
    client.reset();
    gone = keep.size() == 100;
  };
  client->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(server->write(as_bytes("x")).ok());
  ASSERT_TRUE(run_until([&] { return gone; }));
  EXPECT_TRUE(run_until([&] { return server_closed.has_value(); }));
}

TEST_F(TcpStreamTest, ARefusedConnectionNamesAddressAndErrno) {
  const std::uint16_t port = listener->port();
  listener.reset();
  connect("127.0.0.1", port);
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::io);
  EXPECT_EQ(client_closed->code, ECONNREFUSED);
  EXPECT_NE(client_closed->detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST_F(TcpStreamTest, TheNextAddressIsTriedWhenOneRefuses) {
  // localhost is 127.0.0.1, then ::1: listen on the second one only.
  auto v6 = Listener::open(network, "::1", 0, nullptr, [this](std::unique_ptr<Stream> stream) {
    server = std::move(stream);
    server->set_callbacks({});
  });
  if (!v6) GTEST_SKIP() << "no IPv6 here: " << v6.error().detail;
  connect("localhost", (*v6)->port());
  EXPECT_TRUE(run_until([&] { return client_open || client_closed; }));
  EXPECT_TRUE(client_open);
}

TEST_F(TcpStreamTest, AnUnknownHostIsAResolveError) {
  connect("some.local", 80);
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::resolve);
}

TEST_F(TcpStreamTest, ATakenPortIsAnErrorThatNamesIt) {
  auto second = Listener::open(network, "127.0.0.1", listener->port(), nullptr, [](auto) {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.cause(), Cause::io);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_NE(second.error().detail.find(std::to_string(listener->port())), std::string::npos);
  EXPECT_EQ(Listener::open(network, "example.com", 0, nullptr, [](auto) {}).cause(), Cause::bad_input);
}

}  // namespace
}  // namespace pigeond::net
