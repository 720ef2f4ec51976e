// Connections that carry more than one request, and answers that have no end.
#include <deque>

#include "base/limits.h"
#include "net/http/client/client.h"
#include "net/listener.h"
#include "net/tcp_stream.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class HttpKeepAliveTest : public NetTest {
 protected:
  struct Connection {
    std::unique_ptr<Stream> stream;
    int requests = 0;
    bool closed = false;
  };

  void SetUp() override { listen(nullptr); }

  // Each request is one byte of body; `answer` says what it gets.
  void listen(std::shared_ptr<const TlsIdentity> identity) {
    auto opened =
        Listener::open(network, "127.0.0.1", 0, std::move(identity), [this](std::unique_ptr<Stream> stream) {
          Connection& connection = accepted.emplace_back();
          connection.stream = std::move(stream);
          Stream::Callbacks callbacks;
          callbacks.on_data = [this, &connection](ByteView data) {
            text += as_text(data);
            if (!as_text(data).ends_with("\r\n\r\nx")) return;
            ++connection.requests;
            const std::string reply = answer(connection);
            if (!reply.empty()) {
              EXPECT_TRUE(connection.stream->write(as_bytes(reply)).ok());
            }
            if (hang_up) connection.stream->close();
          };
          callbacks.on_closed = [&connection](const Error&) { connection.closed = true; };
          connection.stream->set_callbacks(std::move(callbacks));
        });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
  }

  HttpClientRequest request(const std::string& scheme = "http") const {
    HttpClientRequest out;
    out.url = scheme + "://localhost:" + std::to_string(listener->port()) + "/";
    out.body = "x";
    out.keep_alive = true;
    out.status_only = true;
    out.tls = trusting("ca.crt");
    return out;
  }
  Result<HttpResponse> exchange(const HttpClientRequest& request) {
    std::optional<Result<HttpResponse>> result;
    client.send(request, [&](Result<HttpResponse> got) { result = std::move(got); });
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return std::move(*result);
  }

  HttpClient client{network};
  std::unique_ptr<Listener> listener;
  std::deque<Connection> accepted;
  std::string text;
  bool hang_up = false;
  std::function<std::string(Connection&)> answer = [](Connection&) { return kOk; };
};

TEST_F(HttpKeepAliveTest, OneConnectionCarriesRequestAfterRequest) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(exchange(request()));
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0].requests, 5);
  EXPECT_EQ(client.idle(), 1U);
  EXPECT_EQ(text.find("Connection:"), std::string::npos);
}

TEST_F(HttpKeepAliveTest, TlsConnectionsAreKeptToo) {
  listen(identity("rsa.crt", "rsa.key"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(exchange(request("https")));
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(HttpKeepAliveTest, OtherTlsOptionsAreAnotherConnection) {
  listen(identity("rsa.crt", "rsa.key"));
  ASSERT_TRUE(exchange(request("https")));
  auto other = request("https");
  other.tls.ca_file = tls_file("other_ca.crt");
  EXPECT_EQ(exchange(other).cause(), Cause::tls) << "trusted once is not trusted by everybody";
}

TEST_F(HttpKeepAliveTest, RequestsAtTheSameTimeHaveAConnectionEach) {
  int answered = 0;
  for (int i = 0; i < 3; ++i)
    client.send(request(), [&](const Result<HttpResponse>& got) { answered += got.ok() ? 1 : 0; });
  ASSERT_TRUE(run_until([&] { return answered == 3; }));
  EXPECT_EQ(accepted.size(), 3U);
  ASSERT_TRUE(exchange(request()));
  EXPECT_EQ(accepted.size(), 3U);
}

TEST_F(HttpKeepAliveTest, IdleConnectionsCloseAfterSecondsAndThenNothingWakesTheLoop) {
  ASSERT_TRUE(exchange(request()));
  EXPECT_TRUE(loop.next_due().has_value());
  clock.ahead += 10 * kSecond;
  ASSERT_TRUE(run_until([&] { return accepted[0].closed; }));
  EXPECT_EQ(client.idle(), 0U);
  loop.run_once(loop.now().mono);
  EXPECT_FALSE(loop.next_due().has_value());
}

TEST_F(HttpKeepAliveTest, ARequestOnAConnectionThatWasClosedMeanwhileGoesOutOnceMore) {
  answer = [](Connection& connection) { return connection.requests == 2 ? std::string() : kOk; };
  ASSERT_TRUE(exchange(request()));
  hang_up = true;  // the second on the first connection is read, and nobody answers
  auto second = exchange(request());
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(accepted.size(), 2U);
}

TEST_F(HttpKeepAliveTest, ARequestOnAFreshConnectionIsNotRepeated) {
  answer = [](Connection&) { return std::string(); };
  hang_up = true;
  const auto got = exchange(request());
  EXPECT_EQ(got.cause(), Cause::link_lost);
  EXPECT_NE(got.error().detail.find("without an answer"), std::string::npos) << got.error().detail;
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(HttpKeepAliveTest, WhatTheOtherSideWillCloseIsNotKept) {
  for (const char* reply :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Not asked for\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    answer = [reply](Connection&) { return std::string(reply); };
    EXPECT_EQ(exchange(request())->status, 200) << reply;
    EXPECT_EQ(client.idle(), 0U) << reply;
  }
}

TEST_F(HttpKeepAliveTest, AnIdleConnectionThatSpeaksIsDropped) {
  ASSERT_TRUE(exchange(request()));
  EXPECT_TRUE(accepted[0].stream->write(as_bytes("HTTP/1.1 500 Not asked for\r\n\r\n")).ok());
  ASSERT_TRUE(run_until([&] { return client.idle() == 0; }));
  EXPECT_EQ(exchange(request())->status, 200);
}

TEST_F(HttpKeepAliveTest, TheStatusCountsThoughTheBodyHasNoEnd) {
  answer = [](Connection&) {
    return "HTTP/1.1 202 OK\r\nContent-Length: 99999999\r\n\r\n" +
           std::string(2 * limits::kHttpResponseBody, 'x');
  };
  const auto flood = exchange(request());
  ASSERT_TRUE(flood) << flood.error().detail;
  EXPECT_EQ(flood->status, 202);
  EXPECT_EQ(flood->body, "");
  EXPECT_EQ(client.idle(), 0U);
}

TEST_F(HttpKeepAliveTest, TheStatusCountsThoughTheBodyDrips) {
  answer = [](Connection&) { return std::string("HTTP/1.1 200 OK\r\n\r\nx"); };
  std::optional<Result<HttpResponse>> result;
  client.send(request(), [&](Result<HttpResponse> got) { result = std::move(got); });
  ASSERT_TRUE(run_until([&] { return !accepted.empty() && accepted[0].requests == 1; }));
  const Millis start = loop.now().mono;
  while (!result) {
    EXPECT_TRUE(accepted[0].stream->write(as_bytes("x")).ok());
    loop.run_once(loop.now().mono + 10);
    clock.ahead += 100;
    ASSERT_LT(loop.now().mono, start + 20 * kSecond);
  }
  ASSERT_TRUE(result->ok());
  EXPECT_EQ((*result)->status, 200);
}

TEST_F(HttpKeepAliveTest, TheStatusCountsThoughTheBodyIsBrokenOrCutOff) {
  for (const char* reply : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"}) {
    answer = [reply](Connection&) { return std::string(reply); };
    hang_up = true;
    const auto got = exchange(request());
    ASSERT_TRUE(got) << reply;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(client.idle(), 0U);
  }
}

TEST_F(HttpKeepAliveTest, InterimResponsesWithoutEndAreNoAnswer) {
  answer = [](Connection&) {
    std::string out;
    for (std::size_t i = 0; i <= limits::kInterimResponses; ++i) out += "HTTP/1.1 100 Continue\r\n\r\n";
    return out + kOk;
  };
  EXPECT_EQ(exchange(request()).cause(), Cause::too_large);
}

TEST_F(HttpKeepAliveTest, AnEarlyRefusalOfALargeRequestIsItsAnswer) {
  listener.reset();
  auto opened = Listener::open(network, "127.0.0.1", 0, nullptr, [this](std::unique_ptr<Stream> stream) {
    Connection& connection = accepted.emplace_back();
    connection.stream = std::move(stream);
    Stream::Callbacks callbacks;
    callbacks.on_data = [&connection](ByteView) {
      if (connection.requests++ > 0) return;
      connection.stream->set_reading(false);
      EXPECT_TRUE(connection.stream->write(as_bytes("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")).ok());
    };
    connection.stream->set_callbacks(std::move(callbacks));
  });
  ASSERT_TRUE(opened);
  listener = std::move(*opened);
  auto large = request();
  large.body = std::string(limits::kStreamBuffer / 2, 'x');
  const auto got = exchange(large);
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->status, 413);
  EXPECT_EQ(client.idle(), 0U) << "half of the request still waits on it";
}

TEST_F(HttpKeepAliveTest, WhatIsNotReadInTimeWasNotSentWhole) {
  listener.reset();
  auto opened = Listener::open(network, "127.0.0.1", 0, nullptr, [this](std::unique_ptr<Stream> stream) {
    stream->set_reading(false);
    accepted.emplace_back().stream = std::move(stream);
  });
  ASSERT_TRUE(opened);
  listener = std::move(*opened);
  auto large = request();
  large.body = std::string(limits::kStreamBuffer / 2, 'x');
  large.timeout = 200;
  EXPECT_EQ(exchange(large).cause(), Cause::timed_out);
}

TEST_F(HttpKeepAliveTest, DeniedAddressesAreNotConnectedTo) {
  HttpClient careful(network,
                     [](const Address&) { return Status(fail(Cause::network_denied, "not there")); });
  std::optional<Result<HttpResponse>> result;
  careful.send(request(), [&](Result<HttpResponse> got) { result = std::move(got); });
  ASSERT_TRUE(run_until([&] { return result.has_value(); }));
  EXPECT_EQ(result->cause(), Cause::network_denied);
  EXPECT_TRUE(accepted.empty());
  HttpClient half(network, [](const Address& address) {
    return address.get()->sa_family == AF_INET6 ? Status(fail(Cause::network_denied, "not there")) : Status();
  });
  result.reset();
  half.send(request(), [&](Result<HttpResponse> got) { result = std::move(got); });
  ASSERT_TRUE(run_until([&] { return result.has_value(); }));
  EXPECT_TRUE(result->ok()) << "its other address is allowed";
}

}  // namespace
}  // namespace pigeond::net
