#include "net/http/client/client.h"

#include "base/limits.h"
#include "net/listener.h"
#include "net/tcp_stream.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

class HttpClientTest : public NetTest {
 protected:
  // Answers every request with `text` once the head and `body_size` bytes are there; then hangs up if told
  // to.
  void serve(const std::string& text, std::shared_ptr<const TlsIdentity> identity = nullptr) {
    auto opened =
        Listener::open(network, "127.0.0.1", 0, std::move(identity), [this, text](std::unique_ptr<Stream> s) {
          Stream* stream = s.get();
          Stream::Callbacks callbacks;
          callbacks.on_data = [this, text, stream](ByteView data) {
            received += as_text(data);
            if (received.find("the body") == std::string::npos) return;
            if (!text.empty()) {
              EXPECT_TRUE(stream->write(as_bytes(text)).ok());
            }
            if (hang_up) stream->close();
          };
          callbacks.on_closed = [this](const Error&) { ++server_closed; };
          stream->set_callbacks(std::move(callbacks));
          streams.push_back(std::move(s));
        });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
  }
  std::string url(const std::string& scheme = "http") const {
    return scheme + "://localhost:" + std::to_string(listener->port()) + "/hook?a=b";
  }
  Result<HttpResponse> exchange(HttpClientRequest request) {
    request.body = "the body";
    std::optional<Result<HttpResponse>> answer;
    client.send(request, [&](Result<HttpResponse> result) { answer = std::move(result); });
    EXPECT_FALSE(answer.has_value()) << "called back before it returned";
    EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
    EXPECT_EQ(client.in_flight(), 0U);
    return std::move(*answer);
  }
  Result<HttpResponse> post(const std::string& to) {
    HttpClientRequest request;
    request.url = to;
    return exchange(request);
  }

  HttpClient client{network};
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Stream>> streams;
  std::string received;
  bool hang_up = false;
  int server_closed = 0;
};

TEST_F(HttpClientTest, ARequestGoesOutWholeAndItsResponseComesBack) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok");
  std::optional<Result<HttpResponse>> answer;
  client.post(url(), {{"Content-Type", "application/json"}}, "the body", 20 * kSecond,
              [&](Result<HttpResponse> result) { answer = std::move(result); });
  ASSERT_TRUE(run_until([&] { return answer.has_value(); }));
  ASSERT_TRUE(answer->ok()) << answer->error().detail;
  EXPECT_EQ((*answer)->status, 200);
  EXPECT_EQ((*answer)->body, "ok");
  EXPECT_EQ(find_header((*answer)->headers, "x-id"), "7");
  EXPECT_EQ(
      received,
      "POST /hook?a=b HTTP/1.1\r\nHost: localhost:" + std::to_string(listener->port()) +
          "\r\nConnection: close\r\nContent-Length: 8\r\nContent-Type: application/json\r\n\r\nthe body");
}

TEST_F(HttpClientTest, ChunkedResponsesAreJoined) {
  serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  auto response = post(url());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "abcde");
}

TEST_F(HttpClientTest, AResponseMayEndWithItsConnection) {
  hang_up = true;
  serve("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  auto response = post(url());
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->body, "until the end");
}

TEST_F(HttpClientTest, AnErrorStatusIsAResponse) {
  serve("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
  auto response = post(url());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 500);
}

TEST_F(HttpClientTest, RedirectsAreNotFollowed) {
  serve("HTTP/1.1 302 Found\r\nLocation: http://localhost:1/\r\nContent-Length: 0\r\n\r\n");
  auto response = post(url());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 302);
}

TEST_F(HttpClientTest, HttpsWithACustomAuthority) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", identity("rsa.crt", "rsa.key"));
  HttpClientRequest request;
  request.url = url("https");
  request.tls = trusting("ca.crt");
  auto response = exchange(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->body, "ok");
}

TEST_F(HttpClientTest, HttpsUntilTheEndOfTheConnection) {
  hang_up = true;
  serve("HTTP/1.1 200 OK\r\n\r\nuntil the end", identity("ec.crt", "ec.key"));
  HttpClientRequest request;
  request.url = url("https");
  request.tls = trusting("ca.crt");
  auto response = exchange(request);
  ASSERT_TRUE(response.ok()) << response.error().detail;
  EXPECT_EQ(response->body, "until the end");
}

TEST_F(HttpClientTest, AnUntrustedServerGetsNothing) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", identity("rsa.crt", "rsa.key"));
  HttpClientRequest request;
  request.url = url("https");
  request.tls = trusting("other_ca.crt");
  EXPECT_EQ(exchange(request).cause(), Cause::tls);
  EXPECT_EQ(received, "");
}

TEST_F(HttpClientTest, VerificationCanBeSkipped) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", identity("other_name.crt", "ec.key"));
  HttpClientRequest request;
  request.url = url("https");
  request.tls.verify = false;
  EXPECT_TRUE(exchange(request).ok());
}

TEST_F(HttpClientTest, HeadsOverTheLimitAreRefused) {
  serve("HTTP/1.1 200 OK\r\nX: " + std::string(limits::kHttpHead, 'x') + "\r\n\r\n");
  EXPECT_EQ(post(url()).cause(), Cause::too_large);
}

TEST_F(HttpClientTest, AServerThatIsCutOffIsALostLink) {
  hang_up = true;
  serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  EXPECT_EQ(post(url()).cause(), Cause::link_lost);
}

TEST_F(HttpClientTest, ASilentServerTimesOut) {
  serve("");
  HttpClientRequest request;
  request.url = url();
  request.timeout = 50;
  EXPECT_EQ(exchange(request).cause(), Cause::no_ack) << "it was sent whole";
  EXPECT_TRUE(run_until([&] { return server_closed == 1; }));
}

TEST_F(HttpClientTest, ARefusedConnectionIsAnIoError) {
  serve("");
  const std::string to = url();
  listener.reset();
  auto response = post(to);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.cause(), Cause::io);
  EXPECT_EQ(response.error().code, ECONNREFUSED);
}

TEST_F(HttpClientTest, WhatCannotBeSentIsBadInput) {
  EXPECT_EQ(post("ws://localhost/").cause(), Cause::bad_input);
  EXPECT_EQ(post("localhost").cause(), Cause::bad_input);
  HttpClientRequest request;
  request.url = "http://localhost:1/";
  request.headers = {{"X", "a\nb"}};
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
  request.headers = {{"content-length", "0"}};
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
  request.headers.clear();
  request.method = "PO ST";
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
}

TEST_F(HttpClientTest, ACancelledRequestIsNeverAnswered) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  bool answered = false;
  const HttpClient::Id id =
      client.post(url(), {}, "x", 20 * kSecond, [&](const Result<HttpResponse>&) { answered = true; });
  client.cancel(id);
  EXPECT_EQ(client.in_flight(), 0U);
  EXPECT_TRUE(post(url()).ok());
  EXPECT_FALSE(answered);
}

TEST_F(HttpClientTest, TheClientMayBeDestroyedInACallback) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  auto own = std::make_unique<HttpClient>(network);
  bool answered = false;
  own->post(url(), {}, "the body", 20 * kSecond, [&](const Result<HttpResponse>&) {
    own.reset();
    answered = true;
  });
  EXPECT_TRUE(run_until([&] { return answered; }));
}

}  // namespace
}  // namespace pigeond::net
