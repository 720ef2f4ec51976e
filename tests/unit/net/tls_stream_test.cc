#include "net/tls/tls_stream.h"

#include "net/listener.h"
#include "net/tcp_stream.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

class TlsStreamTest : public NetTest {
 protected:
  void listen(std::shared_ptr<const TlsIdentity> identity) {
    auto opened =
        Listener::open(network, "127.0.0.1", 0, std::move(identity), [this](std::unique_ptr<Stream> stream) {
          server = std::move(stream);
          Stream::Callbacks callbacks;
          callbacks.on_open = [this] { server_open = true; };
          callbacks.on_data = [this](ByteView data) { at_server += as_text(data); };
          callbacks.on_closed = [this](Error error) { server_closed = std::move(error); };
          server->set_callbacks(std::move(callbacks));
        });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
  }
  // `name` is what the certificate is checked against; the connection goes to the listener in any case.
  void connect(const std::string& name, const TlsOptions& options) {
    client = tls_client(network, TcpStream::connect(network, "127.0.0.1", listener->port(), 20 * kSecond),
                        name, options);
    Stream::Callbacks callbacks;
    callbacks.on_open = [this] { client_open = true; };
    callbacks.on_data = [this](ByteView data) { at_client += as_text(data); };
    callbacks.on_closed = [this](Error error) { client_closed = std::move(error); };
    client->set_callbacks(std::move(callbacks));
  }
  void expect_open() {
    ASSERT_TRUE(run_until([&] { return (client_open && server_open) || client_closed; }));
    ASSERT_FALSE(client_closed) << client_closed->detail;
  }
  void expect_refused(const std::string& text) {
    ASSERT_TRUE(run_until([&] { return client_open || client_closed; }));
    ASSERT_FALSE(client_open);
    EXPECT_EQ(client_closed->cause, Cause::tls);
    EXPECT_NE(client_closed->detail.find(text), std::string::npos) << client_closed->detail;
  }

  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> server, client;
  std::string at_server, at_client;
  std::optional<Error> server_closed, client_closed;
  bool server_open = false, client_open = false;
};

struct KeyFiles {
  const char* chain;
  const char* key;
};

class TlsKeyTest : public TlsStreamTest, public ::testing::WithParamInterface<KeyFiles> {};

TEST_P(TlsKeyTest, BytesFlowBothWaysOverAVerifiedConnection) {
  listen(identity(GetParam().chain, GetParam().key));
  connect("localhost", trusting("ca.crt"));
  ASSERT_TRUE(client->write(as_bytes("question")).ok());  // before the handshake
  expect_open();
  ASSERT_TRUE(server->write(as_bytes("answer")).ok());
  EXPECT_TRUE(run_until([&] { return at_server == "question" && at_client == "answer"; }));
}

INSTANTIATE_TEST_SUITE_P(Keys, TlsKeyTest,
                         ::testing::Values(KeyFiles{"rsa.crt", "rsa.key"}, KeyFiles{"ec.crt", "ec.key"},
                                           KeyFiles{"ec.crt", "ec_pkcs8.key"},
                                           KeyFiles{"chain.crt", "ec.key"}));

TEST_F(TlsStreamTest, ACertificateOfAnUnknownAuthorityIsRefused) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("other_ca.crt"));
  expect_refused("trusted authority");
}

TEST_F(TlsStreamTest, ACertificateForAnotherNameIsRefused) {
  listen(identity("other_name.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_refused("another name");
}

TEST_F(TlsStreamTest, AnExpiredCertificateIsRefused) {
  listen(identity("ec.crt", "ec.key"));
  clock.wall = kDay2026 + 100 * 366 * kDay;
  connect("localhost", trusting("ca.crt"));
  expect_refused("expired");
}

TEST_F(TlsStreamTest, ACertificateThatIsNotValidYetIsRefused) {
  listen(identity("ec.crt", "ec.key"));
  clock.wall = kDay2026 - 2 * 366 * kDay;
  connect("localhost", trusting("ca.crt"));
  expect_refused("not valid yet");
}

TEST_F(TlsStreamTest, IpLiteralsAreCheckedAgainstIpNames) {
  listen(identity("ec.crt", "ec.key"));
  connect("127.0.0.1", trusting("ca.crt"));
  expect_open();
}

TEST_F(TlsStreamTest, Ipv6LiteralsAreCheckedAgainstIpNames) {
  listen(identity("rsa.crt", "rsa.key"));
  connect("::1", trusting("ca.crt"));
  expect_open();
}

TEST_F(TlsStreamTest, AnIpThatTheCertificateLacksIsRefused) {
  listen(identity("other_name.crt", "ec.key"));
  connect("127.0.0.1", trusting("ca.crt"));
  expect_refused("another name");
}

TEST_F(TlsStreamTest, WildcardsCoverOneLabel) {
  listen(identity("ec.crt", "ec.key"));
  connect("a.wild.test", trusting("ca.crt"));
  expect_open();
}

TEST_F(TlsStreamTest, WildcardsDoNotCoverTwoLabels) {
  listen(identity("ec.crt", "ec.key"));
  connect("a.b.wild.test", trusting("ca.crt"));
  expect_refused("another name");
}

TEST_F(TlsStreamTest, WithoutVerificationAnyCertificateWill) {
  listen(identity("other_name.crt", "ec.key"));
  TlsOptions options;
  options.verify = false;
  options.ca_file = "/nonexistent";
  connect("localhost", options);
  expect_open();
  ASSERT_TRUE(client->write(as_bytes("x")).ok());
  EXPECT_TRUE(run_until([&] { return at_server == "x"; }));
}

TEST_F(TlsStreamTest, ACertificatePinnedAsCaFileIsTrusted) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ec.crt"));
  expect_open();
}

TEST_F(TlsStreamTest, AnUnreadableCaFileIsNamed) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("missing.crt"));
  expect_refused("missing.crt");
}

TEST_F(TlsStreamTest, ACaFileWithoutCertificatesIsNamed) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("rsa.key"));
  expect_refused("rsa.key");
}

TEST_F(TlsStreamTest, AServerThatHangsUpDuringTheHandshakeIsATlsError) {
  listen(nullptr);
  connect("localhost", trusting("ca.crt"));
  ASSERT_TRUE(run_until([&] { return !at_server.empty(); }));
  server.reset();
  expect_refused("during the TLS handshake");
}

TEST_F(TlsStreamTest, AServerThatDoesNotSpeakTlsIsATlsError) {
  listen(nullptr);
  connect("localhost", trusting("ca.crt"));
  ASSERT_TRUE(run_until([&] { return !at_server.empty(); }));
  ASSERT_TRUE(server->write(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")).ok());
  expect_refused("does not speak TLS");
}

TEST_F(TlsStreamTest, AClientThatDoesNotSpeakTlsEndsTheServersStream) {
  listen(identity("ec.crt", "ec.key"));
  auto plain = TcpStream::connect(network, "127.0.0.1", listener->port(), 20 * kSecond);
  plain->set_callbacks({});
  ASSERT_TRUE(plain->write(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).ok());
  ASSERT_TRUE(run_until([&] { return server_closed.has_value(); }));
  EXPECT_EQ(server_closed->cause, Cause::tls);
  EXPECT_FALSE(server_open);
}

TEST_F(TlsStreamTest, LargeDataArrivesWholeAndInOrder) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  std::string big;
  for (int i = 0; big.size() < 3'000'000; ++i) big += std::to_string(i) + ",";
  ASSERT_TRUE(client->write(as_bytes(big)).ok());
  ASSERT_TRUE(server->write(as_bytes(big)).ok());
  ASSERT_TRUE(run_until([&] { return at_server.size() >= big.size() && at_client.size() >= big.size(); }));
  EXPECT_TRUE(at_server == big);
  EXPECT_TRUE(at_client == big);
  EXPECT_EQ(client->buffered(), 0U);
}

// What answers in its own callback has to learn that its answer is out, or it waits for ever.
TEST_F(TlsStreamTest, WhatWasWrittenInsideTheDataCallbackIsToldToBeGone) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  int drained = 0;
  Stream::Callbacks callbacks;
  callbacks.on_data = [&](ByteView) {
    ASSERT_TRUE(server->write(as_bytes("answer")).ok());
    ASSERT_GT(server->buffered(), 0u);
  };
  callbacks.on_drained = [&] { ++drained; };
  server->set_callbacks(std::move(callbacks));
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(client->write(as_bytes("question")).ok());
    EXPECT_TRUE(run_until([&] { return drained == round; }));
    EXPECT_EQ(server->buffered(), 0u);
  }
}

TEST_F(TlsStreamTest, CloseSendsWhatIsBufferedFirst) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  const std::string big(4'000'000, 'x');
  ASSERT_TRUE(client->write(as_bytes(big)).ok());
  client->close();
  ASSERT_TRUE(run_until([&] { return server_closed.has_value() && client_closed.has_value(); }));
  EXPECT_EQ(at_server.size(), big.size());
  EXPECT_EQ(server_closed->cause, Cause::link_lost);
  EXPECT_EQ(client_closed->cause, Cause::cancelled);
}

TEST_F(TlsStreamTest, CloseDoesNotWaitForEverForASideThatDoesNotRead) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  server->set_reading(false);
  ASSERT_TRUE(client->write(Bytes(12'000'000, 1)).ok());
  client->close();
  loop.run_once(0);
  EXPECT_FALSE(client_closed);
  clock.ahead = kMinute;
  loop.run_once(0);
  ASSERT_TRUE(client_closed);
  EXPECT_EQ(client_closed->cause, Cause::cancelled);
}

TEST_F(TlsStreamTest, PausedReadingLosesNothing) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  client->set_reading(false);
  const std::string big(200'000, 'y');
  ASSERT_TRUE(server->write(as_bytes(big)).ok());
  ASSERT_TRUE(client->write(as_bytes("marker")).ok());
  ASSERT_TRUE(run_until([&] { return at_server == "marker"; }));
  EXPECT_EQ(at_client, "");
  client->set_reading(true);
  EXPECT_TRUE(run_until([&] { return at_client == big; }));
}

TEST_F(TlsStreamTest, PausingInsideTheDataCallbackHoldsTheRestBack) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  expect_open();
  Stream::Callbacks callbacks;
  int calls = 0;
  callbacks.on_data = [&](ByteView data) {
    at_client += as_text(data);
    ++calls;
    client->set_reading(false);
  };
  client->set_callbacks(std::move(callbacks));
  const std::string big(100'000, 'z');
  ASSERT_TRUE(server->write(as_bytes(big)).ok());
  while (at_client.size() < big.size()) {
    const int before = calls;
    client->set_reading(true);
    ASSERT_TRUE(run_until([&] { return calls > before; }));
    EXPECT_EQ(calls, before + 1);
  }
  EXPECT_TRUE(at_client == big);
}

TEST_F(TlsStreamTest, AStreamMayBeDestroyedInItsOwnCallbacks) {
  listen(identity("ec.crt", "ec.key"));
  connect("localhost", trusting("ca.crt"));
  Stream::Callbacks callbacks;
  callbacks.on_open = [&] { client.reset(); };
  client->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(run_until([&] { return server_closed.has_value(); }));
  EXPECT_EQ(client, nullptr);
}

TEST_F(TlsStreamTest, ConnectStreamGivesUpOnASilentServer) {
  listen(nullptr);
  client = connect_stream(network, "127.0.0.1", listener->port(), true, trusting("ca.crt"), 50);
  Stream::Callbacks callbacks;
  callbacks.on_closed = [this](Error error) { client_closed = std::move(error); };
  client->set_callbacks(std::move(callbacks));
  ASSERT_TRUE(run_until([&] { return client_closed.has_value(); }));
  EXPECT_EQ(client_closed->cause, Cause::timed_out);
}

TEST_F(TlsStreamTest, BrokenIdentitiesAreRefusedSayingWhatIsWrong) {
  auto what = [](const std::string& chain, const std::string& key) {
    auto loaded = TlsIdentity::load(tls_file(chain), tls_file(key));
    return loaded.ok() ? std::string("loaded") : loaded.error().detail;
  };
  EXPECT_NE(what("missing.crt", "ec.key").find("missing.crt"), std::string::npos);
  EXPECT_NE(what("ec.crt", "missing.key").find("missing.key"), std::string::npos);
  EXPECT_NE(what("ec.key", "ec.key").find("no certificate"), std::string::npos);
  EXPECT_NE(what("ec.crt", "ec.crt").find("no private key"), std::string::npos);
  EXPECT_NE(what("ec.crt", "rsa.key").find("does not belong"), std::string::npos);
  EXPECT_NE(what("rsa.crt", "ec.key").find("does not belong"), std::string::npos);
  EXPECT_NE(what("ca.crt", "ec.key").find("does not belong"), std::string::npos);
  EXPECT_EQ(what("ec.crt", "ec_pkcs8.key"), "loaded");
  EXPECT_FALSE(TlsIdentity::parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                  "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
                   .ok());
  EXPECT_FALSE(TlsIdentity::parse("-----BEGIN CERTIFICATE-----\nAAAA\n", "").ok());
}

}  // namespace
}  // namespace pigeond::net
