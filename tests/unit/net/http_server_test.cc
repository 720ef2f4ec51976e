// The protocol, as raw bytes on real sockets.
#include "net/http/server.h"

#include <new>
#include <stdexcept>

#include "http_support.h"

namespace pigeond::net {
namespace {

TEST_F(HttpServerTest, ServesRequestsOnAKeptConnection) {
  open();
  RawClient client(port);
  for (int i = 0; i < 3; ++i) {
    client.send(post("/echo", "hello"));
    const auto reply = client.read_reply();
    EXPECT_EQ(status_of(reply), "HTTP/1.1 200");
    EXPECT_EQ(body_of(reply), "POST /echo hello");
    EXPECT_NE(reply.find("Keep-Alive: timeout=58"), std::string::npos) << reply;
  }
  EXPECT_EQ(server->counters().accepted, 1U);
  EXPECT_EQ(server->counters().requests, 3U);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  open();
  RawClient client(port);
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += i % 3 == 0 ? get("/ping") : post("/" + std::to_string(i), "x");
  client.send(requests);
  for (int i = 0; i < 100; ++i) {
    const auto reply = client.read_reply();
    EXPECT_EQ(body_of(reply), i % 3 == 0 ? "pong" : "POST /" + std::to_string(i) + " x");
  }
}

TEST_F(HttpServerTest, APipelineLongerThanItIsReadAheadIsAnsweredWhole) {
  open();
  RawClient client(port);
  const std::string body(10'000, 'b');
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) client.send(post("/p", body));
  });
  for (int i = 0; i < 300; ++i) ASSERT_EQ(body_of(client.read_reply()).size(), body.size() + 8) << i;
  writer.join();
}

TEST_F(HttpServerTest, TakesRequestsByteByByte) {
  open();
  RawClient client(port);
  for (const char c : "\r\n" + post("/slow", "body") + get("/ping")) client.send(std::string_view(&c, 1));
  EXPECT_EQ(body_of(client.read_reply()), "POST /slow body");
  EXPECT_EQ(body_of(client.read_reply()), "pong");
}

TEST_F(HttpServerTest, AfterAMalformedRequestNothingIsReadAsAnother) {
  open();
  std::string many;
  for (int i = 0; i < 150; ++i) many += "A: b\r\n";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"GET / HTTP/1.1\r\nHost: x\r\n" + many + "\r\n", "431"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\n", "400"},
      {"GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", "505"},
      {"GET / HTTP/1.1\nHost: x\n\n", "400"}};
  for (const auto& [request, status] : bad) {
    const auto all = ask_all(request + get("/ping"));
    EXPECT_EQ(status_of(all), "HTTP/1.1 " + status) << request;
    EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << all;
    EXPECT_NE(all.find("Connection: close"), std::string::npos) << all;
  }
  EXPECT_EQ(server->counters().malformed, bad.size());
}

TEST_F(HttpServerTest, FormsAreNotParsedHoweverLongTheirNames) {
  open();
  for (const std::size_t length : {1U, 1000U, 500'000U}) {
    const auto body = "--B\r\nContent-Disposition: form-data; name=\"" + std::string(length, 'x') +
                      "\"\r\n\r\nhi\r\n--B--\r\n";
    const auto reply =
        ask("POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\n"
            "Content-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(body_of(reply), "POST /form " + body);
  }
  // A head of a million characters is none.
  const auto reply =
      ask_all("POST /form HTTP/1.1\r\nContent-Disposition: form-data; name=" + std::string(1'000'000, 'x'));
  EXPECT_EQ(status_of(reply), "HTTP/1.1 431");
}

TEST_F(HttpServerTest, BodiesInChunksAreServed) {
  open();
  EXPECT_EQ(body_of(ask("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")),
            "POST /c hello!");
}

TEST_F(HttpServerTest, HandlersSeeHeadersAsTheyWereSent) {
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/headers") return std::nullopt;
    return HttpWork{[](const HttpRequest& served) {
      return text(served.header("x-odd") + "|" + served.header("referer") + "|" +
                  std::to_string(served.header_count("x-twice")) + "|" + served.peer);
    }};
  };
  open();
  EXPECT_EQ(body_of(ask("GET /headers HTTP/1.1\r\nhOST: x\r\nX-Odd:  %41%0d%0a%zz \xc3\xa9\t\r\n"
                        "Referer: http://a/%2f\r\nX-Twice: 1\r\nx-twice: 2\r\nREMOTE_ADDR: 6.6.6.6\r\n\r\n")),
            "%41%0d%0a%zz \xc3\xa9|http://a/%2f|2|127.0.0.1");
}

TEST_F(HttpServerTest, HeadAnswersHaveNoBody) {
  open();
  RawClient client(port);
  for (const char* path : {"/echo", "/ping"}) {
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(client.read_reply(true).find("Content-Length: "), std::string::npos);
  }
  client.send(get("/ping"));
  EXPECT_EQ(body_of(client.read_reply()), "pong");
}

TEST_F(HttpServerTest, Http10AndCloseEndTheConnection) {
  open();
  EXPECT_EQ(body_of(ask_all("GET /old HTTP/1.0\r\n\r\n")), "GET /old ");
  EXPECT_EQ(body_of(ask_all("GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")), "pong");
  EXPECT_EQ(body_of(ask_all("GET /new HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), "GET /new ");
}

TEST_F(HttpServerTest, WhoSaysNoMoreIsStillAnswered) {
  open();
  for (const char* path : {"/ping", "/worker"}) {
    RawClient client(port);
    client.send(get(path) + get("/ping"));
    client.send_end();
    EXPECT_EQ(status_of(client.read_reply()), "HTTP/1.1 200");
    EXPECT_EQ(body_of(client.read_all()), "pong");
  }
  RawClient half(port);
  half.send("GET /ping HT");
  half.send_end();
  EXPECT_EQ(half.read_all(), "");
}

TEST_F(HttpServerTest, ContinueIsSaidOnlyToWhoIsAdmitted) {
  open();
  RawClient client(port);
  client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(body_of(client.read_reply()), "POST /e hi");
  EXPECT_EQ(status_of(ask_all(
                "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")),
            "HTTP/1.1 401");
}

TEST_F(HttpServerTest, ARefusedBodyIsNotRead) {
  open();
  RawClient big(port);
  big.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
  EXPECT_EQ(status_of(big.read_all()), "HTTP/1.1 401");
  // One that is there with its head does not cost the connection.
  RawClient small(port);
  for (int i = 0; i < 3; ++i) {
    small.send(post("/refuse", "small"));
    EXPECT_EQ(status_of(small.read_reply()), "HTTP/1.1 401");
  }
  EXPECT_EQ(server->counters().accepted, 2U);
}

TEST_F(HttpServerTest, TheAnswerToARefusedBodyArrivesThoughItIsSentOn) {
  open();
  RawClient client(port);
  client.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
  client.send(std::string(600'000, 'x'));
  EXPECT_EQ(status_of(client.read_reply()), "HTTP/1.1 401");
}

TEST_F(HttpServerTest, ARefusalCanBeDelayedAndHoldsNoWorker) {
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/delay") return std::nullopt;
    return HttpAnswer{text("late", 401), kMinute};
  };
  open();
  RawClient waiting(port);
  waiting.send(get("/delay") + get("/ping"));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 1; }));
  EXPECT_EQ(body_of(ask(get("/ping"))), "pong");
  EXPECT_EQ(server->counters().client_errors, 0U);
  turn(kMinute);
  EXPECT_EQ(body_of(waiting.read_reply()), "late");
  EXPECT_EQ(body_of(waiting.read_reply()), "pong");
}

TEST_F(HttpServerTest, BodiesHaveALimitForEachRequest) {
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/ten") return std::nullopt;
    return HttpWork{[](const HttpRequest& served) { return text(served.body); }, 10};
  };
  open();
  EXPECT_EQ(body_of(ask(post("/ten", "0123456789"))), "0123456789");
  EXPECT_EQ(status_of(ask(post("/ten", "0123456789a"))), "HTTP/1.1 413");
  EXPECT_EQ(
      status_of(ask("POST /ten HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a")),
      "HTTP/1.1 413");
}

TEST_F(HttpServerTest, AHandlerThatThrowsFailsItsRequestAlone) {
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    const auto throwing = [](const HttpRequest& served) -> HttpReply {
      if (served.path.ends_with("memory")) throw std::bad_alloc();
      throw std::runtime_error("broken");
    };
    if (request.path.starts_with("/throw")) return HttpWork{throwing};
    if (request.path.starts_with("/later"))
      return HttpLater{[](HttpRequest, const HttpResponder&) { throw std::runtime_error("broken"); }};
    if (request.path == "/admit") throw std::bad_alloc();
    return std::nullopt;
  };
  open();
  EXPECT_EQ(status_of(ask(get("/throw"))), "HTTP/1.1 500");
  EXPECT_EQ(status_of(ask(get("/throw/memory"))), "HTTP/1.1 503");
  EXPECT_EQ(status_of(ask(get("/later"))), "HTTP/1.1 500");
  EXPECT_EQ(ask_all(get("/admit")), "");
  EXPECT_EQ(body_of(ask(get("/ping"))), "pong");
}

TEST_F(HttpServerTest, AnswersCanNotBeSplitByTheirHeaders) {
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (!request.path.starts_with("/split")) return std::nullopt;
    auto reply = text("body");
    reply.headers.emplace_back("X-Bad", "a\r\nX-Injected: b");
    if (request.path == "/split") return HttpAnswer{reply};
    return HttpWork{[reply](const HttpRequest&) { return reply; }};
  };
  open();
  for (const char* path : {"/split", "/split/worker"})
    EXPECT_EQ(ask(get(path)).find("X-Injected"), std::string::npos);
}

TEST_F(HttpServerTest, TwoServersDoNotShareAPort) {
  open();
  HttpServer second({}, error_text);
  const auto bound = second.listen("127.0.0.1", port, [](HttpRequest&) { return HttpAnswer{}; });
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos)
      << bound.error().detail;
}

TEST_F(HttpServerTest, EachListenerHasATableOfItsOwn) {
  HttpServer two({}, error_text);
  const auto first = two.listen("127.0.0.1", 0, [](HttpRequest&) { return HttpAnswer{text("first")}; });
  const auto second = two.listen("127.0.0.1", 0, [](HttpRequest&) { return HttpAnswer{text("second")}; });
  ASSERT_TRUE(first && second && two.start());
  for (const auto& [bound, name] : {std::pair{*first, "first"}, std::pair{*second, "second"}}) {
    RawClient client(bound);
    client.send(get("/"));
    EXPECT_EQ(body_of(client.read_reply()), name);
  }
}

}  // namespace
}  // namespace pigeond::net
