// Request bodies that have a source, and requests that stall.
#include <sys/socket.h>

#include <deque>
#include <thread>

#include "net/address.h"
#include "net/http/client/client.h"
#include "net/listener.h"
#include "net/posix.h"
#include "net/tcp_stream.h"
#include "unit/net/support.h"

namespace pigeond::net {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class HttpUploadTest : public NetTest {
 protected:
  struct Connection {
    std::unique_ptr<Stream> stream;
    std::string head;
    Bytes body;
    bool closed = false;
  };

  void SetUp() override { listen(nullptr); }

  void listen(std::shared_ptr<const TlsIdentity> identity) {
    auto opened =
        Listener::open(network, "127.0.0.1", 0, std::move(identity), [this](std::unique_ptr<Stream> stream) {
          Connection& connection = accepted.emplace_back();
          connection.stream = std::move(stream);
          Stream::Callbacks callbacks;
          callbacks.on_data = [this, &connection](ByteView data) {
            came(connection, data);
            if (on_bytes) on_bytes(connection);
          };
          callbacks.on_closed = [&connection](const Error&) { connection.closed = true; };
          connection.stream->set_callbacks(std::move(callbacks));
        });
    ASSERT_TRUE(opened.ok());
    listener = std::move(*opened);
  }
  static void came(Connection& connection, ByteView data) {
    if (!connection.head.ends_with("\r\n\r\n")) {
      const std::string text = connection.head + std::string(as_text(data));
      const auto end = text.find("\r\n\r\n");
      connection.head = text.substr(0, end == std::string::npos ? end : end + 4);
      if (end == std::string::npos) return;
      const std::string rest = text.substr(end + 4);
      connection.body.insert(connection.body.end(), rest.begin(), rest.end());
      return;
    }
    connection.body.insert(connection.body.end(), data.begin(), data.end());
  }
  static void reply(Connection& connection, const std::string& text) {
    EXPECT_TRUE(connection.stream->write(as_bytes(text)).ok());
  }
  // Answers once the body is there.
  void answer_whole(std::uint64_t size) {
    on_bytes = [size](Connection& connection) {
      if (connection.head.ends_with("\r\n\r\n") && connection.body.size() == size) reply(connection, kOk);
    };
  }

  static std::uint8_t byte(std::uint64_t at) { return static_cast<std::uint8_t>(at % 251); }
  HttpClientRequest upload(std::uint64_t size, const std::string& scheme = "http") {
    HttpClientRequest out;
    out.url = scheme + "://localhost:" + std::to_string(listener->port()) + "/up";
    out.tls = trusting("ca.crt");
    out.source_size = size;
    out.source = [this](std::size_t most) -> Result<Bytes> {
      EXPECT_LE(most, kBodyPiece);
      ++pieces;
      Bytes piece(most);
      for (std::uint8_t& value : piece) value = byte(given++);
      return piece;
    };
    return out;
  }
  Result<HttpResponse> exchange(const HttpClientRequest& request) {
    std::optional<Result<HttpResponse>> result;
    const int before = pieces;
    client.send(request, [&](Result<HttpResponse> got) { result = std::move(got); });
    EXPECT_EQ(pieces, before) << "asked before send() returned";
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    EXPECT_EQ(client.in_flight(), 0U);
    return std::move(*result);
  }

  HttpClient client{network};
  std::unique_ptr<Listener> listener;
  std::deque<Connection> accepted;
  std::function<void(Connection&)> on_bytes;
  std::uint64_t given = 0;
  int pieces = 0;
};

TEST_F(HttpUploadTest, ABodyGoesOutInPieces) {
  constexpr std::uint64_t kSize = 1000001;
  answer_whole(kSize);
  const auto response = exchange(upload(kSize));
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->body, "ok");
  EXPECT_NE(accepted[0].head.find("Content-Length: 1000001\r\n"), std::string::npos) << accepted[0].head;
  ASSERT_EQ(accepted[0].body.size(), kSize);
  for (std::size_t i = 0; i < kSize; ++i) ASSERT_EQ(accepted[0].body[i], byte(i)) << i;
  EXPECT_EQ(pieces, 16);
}

TEST_F(HttpUploadTest, OverTlsAsWell) {
  constexpr std::uint64_t kSize = 300000;
  listen(identity("ec.crt", "ec.key"));
  answer_whole(kSize);
  const auto response = exchange(upload(kSize, "https"));
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(accepted[0].body.size(), kSize);
}

TEST_F(HttpUploadTest, AnEmptyBodyIsAskedOfNobody) {
  answer_whole(0);
  ASSERT_TRUE(exchange(upload(0)));
  EXPECT_EQ(pieces, 0);
}

TEST_F(HttpUploadTest, NoMoreIsAskedForThanTheOtherSideTakes) {
  on_bytes = [](Connection& connection) { connection.stream->set_reading(false); };
  std::optional<Result<HttpResponse>> result;
  const auto id = client.send(upload(1u << 30), [&](Result<HttpResponse> got) { result = std::move(got); });
  int before = -1;
  while (before != pieces) {  // until the kernel's buffers are full
    before = pieces;
    const Millis until = loop.now().mono + 200;
    while (loop.now().mono < until) loop.run_once(until);
  }
  EXPECT_LT(given, 64u << 20);
  EXPECT_FALSE(result.has_value());
  client.cancel(id);
}

TEST_F(HttpUploadTest, WhatTheSourceSaysEndsTheRequest) {
  auto request = upload(200000);
  request.source = [&](std::size_t most) -> Result<Bytes> {
    if (++pieces > 1) return fail(Cause::not_found, "the file");
    return Bytes(most, 'x');
  };
  EXPECT_EQ(exchange(request).cause(), Cause::not_found);
  EXPECT_TRUE(run_until([&] { return accepted[0].closed; }));
  EXPECT_LT(accepted[0].body.size(), 200000U);
}

TEST_F(HttpUploadTest, ASourceGivesWhatItPromised) {
  auto request = upload(100);
  request.source = [](std::size_t) -> Result<Bytes> { return Bytes(); };
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
  request.source = [](std::size_t most) -> Result<Bytes> { return Bytes(most + 1, 'x'); };
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
  request.body = "another";
  EXPECT_EQ(exchange(request).cause(), Cause::bad_input);
}

TEST_F(HttpUploadTest, ARefusalOfTheHeadEndsIt) {
  on_bytes = [](Connection& connection) {
    if (!connection.head.ends_with("\r\n\r\n")) return;
    connection.stream->set_reading(false);
    reply(connection, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong");
  };
  auto request = upload(1u << 30);
  request.keep_alive = true;
  const auto response = exchange(request);
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "long");
  EXPECT_EQ(client.idle(), 0U) << "the rest of the body is owed";
}

TEST_F(HttpUploadTest, OfABodyThatIsRefusedNoMoreIsSent) {
  bool answered = false;
  on_bytes = [&](Connection& connection) {
    if (!connection.head.ends_with("\r\n\r\n") || std::exchange(answered, true)) return;
    reply(connection, "HTTP/1.1 401 No\r\nContent-Length: 100000\r\n\r\n");  // and its body never comes
  };
  std::optional<Result<HttpResponse>> result;
  auto request = upload(1u << 30);
  bool head = false;
  request.on_head = [&](const HttpResponse&) -> Status {
    head = true;
    return {};
  };
  const auto id = client.send(request, [&](Result<HttpResponse> got) { result = std::move(got); });
  ASSERT_TRUE(run_until([&] { return head; }));
  const int before = pieces;
  const Millis until = loop.now().mono + 100;
  while (loop.now().mono < until) loop.run_once(until);
  EXPECT_EQ(pieces, before);
  client.cancel(id);
}

// The answer is in the socket when the reset that follows it makes sending fail.
TEST_F(HttpUploadTest, AnAnswerBeforeAHangUpIsHeard) {
  UniqueFd door(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = *parse_ip("127.0.0.1", 0);
  ASSERT_EQ(::bind(door.get(), address.get(), address.size), 0);
  ASSERT_EQ(::listen(door.get(), 8), 0);
  ASSERT_EQ(::getsockname(door.get(), address.get(), &address.size), 0);
  const std::string port = address.text().substr(address.text().rfind(':') + 1);
  std::thread server([&] {
    const UniqueFd fd(::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char bytes[1000];
    if (::recv(fd.get(), bytes, sizeof bytes, 0) <= 0) return;
    const std::string text = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    if (::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
  });  // hangs up with most of the body unread: that is a reset
  auto request = upload(1u << 30);
  request.url = "http://127.0.0.1:" + port + "/";
  request.source = [&](std::size_t most) -> Result<Bytes> {
    if (++pieces == 2) server.join();  // both have come before more is sent
    return Bytes(most, 'x');
  };
  const auto response = exchange(request);
  if (server.joinable()) server.join();
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 403);
  EXPECT_EQ(response->body, "no");
}

TEST_F(HttpUploadTest, AKeptConnectionCarriesUploads) {
  answer_whole(100000);
  auto request = upload(100000);
  request.keep_alive = true;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(exchange(request));
    accepted[0].head.clear();
    accepted[0].body.clear();
  }
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(HttpUploadTest, WhatWasPartlyGivenIsNotRepeated) {
  answer_whole(100000);
  auto request = upload(100000);
  request.keep_alive = true;
  ASSERT_TRUE(exchange(request));
  on_bytes = [](Connection& connection) { connection.stream->close(); };
  EXPECT_EQ(exchange(request).cause(), Cause::link_lost);
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(HttpUploadTest, AServerThatTakesNothingStalls) {
  on_bytes = [](Connection& connection) { connection.stream->set_reading(false); };
  auto request = upload(1u << 30);
  request.stall = 300;
  const auto response = exchange(request);
  EXPECT_EQ(response.cause(), Cause::timed_out);
  EXPECT_NE(response.error().detail.find("nothing moved"), std::string::npos) << response.error().detail;
}

TEST_F(HttpUploadTest, AnAnswerThatComesSlowlyDoesNotStall) {
  Connection* asked = nullptr;
  on_bytes = [&](Connection& connection) {
    if (connection.body.size() == 10) asked = &connection;
  };
  auto request = upload(10);
  request.timeout = 3600 * kSecond;
  request.stall = 60 * kSecond;
  std::size_t came = 0;
  request.sink = [&](ByteView data) -> Status {
    came += data.size();
    return {};
  };
  std::optional<Result<HttpResponse>> result;
  client.send(request, [&](Result<HttpResponse> got) { result = std::move(got); });
  ASSERT_TRUE(run_until([&] { return asked != nullptr; }));
  reply(*asked, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  for (std::size_t i = 1; i < 10; ++i) {
    reply(*asked, "x");
    ASSERT_TRUE(run_until([&] { return came == i; }));
    clock.ahead += 40 * kSecond;
    loop.run_once(loop.now().mono);
    ASSERT_FALSE(result.has_value()) << i;
  }
  for (int i = 0; i < 4 && !result; ++i) {  // the tenth never comes
    clock.ahead += 40 * kSecond;
    loop.run_once(loop.now().mono);
  }
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause(), Cause::timed_out);
}

TEST_F(HttpUploadTest, TheHeadIsTheOwnersBeforeTheBody) {
  on_bytes = [](Connection& connection) {
    if (connection.body.size() == 10)
      reply(connection,
            "HTTP/1.1 100 Continue\r\n\r\n"
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-6/10\r\nContent-Length: 2\r\n\r\nok");
  };
  auto request = upload(10);
  std::string seen;
  request.on_head = [&](const HttpResponse& head) -> Status {
    seen += std::to_string(head.status) + " " +
            std::string(find_header(head.headers, "content-range").value_or("")) + "|";
    return {};
  };
  request.sink = [&](ByteView data) -> Status {
    seen += as_text(data);
    return {};
  };
  const auto response = exchange(request);
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(seen, "206 bytes 5-6/10|ok");
  EXPECT_EQ(response->body, "");
  request.on_head = [](const HttpResponse&) -> Status { return fail(Cause::too_large, "told"); };
  seen.clear();
  EXPECT_EQ(exchange(request).cause(), Cause::too_large);
  EXPECT_EQ(seen, "");
}

}  // namespace
}  // namespace pigeond::net
