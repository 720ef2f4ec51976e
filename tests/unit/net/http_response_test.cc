#include "net/http/client/response.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace pigeond::net {
namespace {

struct Outcome {
  bool complete = false;
  Cause error = Cause::internal;
  HttpResponse response;
};

Outcome parse(std::string_view text, bool end = false) {
  HttpResponseParser parser;
  auto complete = parser.receive(as_bytes(text));
  if (complete && !*complete && end) complete = parser.end();
  if (!complete) return {false, complete.error().cause, {}};
  return {*complete, Cause::internal, parser.take()};
}

TEST(HttpResponse, BodyByContentLength) {
  auto out = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhelloEXTRA");
  ASSERT_TRUE(out.complete);
  EXPECT_EQ(out.response.status, 200);
  EXPECT_EQ(out.response.body, "hello");
  EXPECT_EQ(find_header(out.response.headers, "x-a"), "b");
  EXPECT_FALSE(out.response.truncated);
}

TEST(HttpResponse, ABodyThatIsHandedOnIsNotKeptAndHasNoBound) {
  std::size_t taken = 0;
  HttpResponseParser parser([&taken](ByteView piece) -> Status {
    taken += piece.size();
    return {};
  });
  const std::string body(limits::kHttpResponseBody * 3, 'x');
  auto complete = parser.receive(
      as_bytes("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"));
  ASSERT_TRUE(complete);
  complete = parser.receive(as_bytes(body));
  ASSERT_TRUE(complete && *complete);
  EXPECT_EQ(taken, body.size());
  const auto response = parser.take();
  EXPECT_TRUE(response.body.empty());
  EXPECT_FALSE(response.truncated);
}

TEST(HttpResponse, OnlyWhatWasWantedIsHandedOnAndAnErrorEndsIt) {
  HttpResponseParser refuses([](ByteView) -> Status { return fail(Cause::io, "disk"); });
  EXPECT_EQ(refuses.receive(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")).cause(), Cause::io);
  HttpResponseParser other([](ByteView) -> Status { return fail(Cause::io, "disk"); });
  const auto complete = other.receive(as_bytes("HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx"));
  ASSERT_TRUE(complete && *complete);
  EXPECT_EQ(other.take().body, "x");
}

TEST(HttpResponse, ChunkedBodyWithExtensionsAndTrailers) {
  auto out = parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\nA \r\n, chunked!\r\n0\r\nTrailer: x\r\n\r\n");
  ASSERT_TRUE(out.complete);
  EXPECT_EQ(out.response.body, "hello, chunked!");
}

TEST(HttpResponse, BodyUntilTheConnectionCloses) {
  EXPECT_FALSE(parse("HTTP/1.0 200 OK\r\n\r\nhel").complete);
  auto out = parse("HTTP/1.0 200 OK\r\n\r\nhel", true);
  ASSERT_TRUE(out.complete);
  EXPECT_EQ(out.response.body, "hel");
}

TEST(HttpResponse, StatusesWithoutABodyEndWithTheirHead) {
  for (const char* text :
       {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 500 \nContent-Length: 0\n\n"}) {
    EXPECT_TRUE(parse(text).complete) << text;
  }
}

TEST(HttpResponse, InterimResponsesAreSkipped) {
  auto out = parse(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 "
      "Created\r\nContent-Length: 1\r\n\r\na");
  ASSERT_TRUE(out.complete);
  EXPECT_EQ(out.response.status, 201);
  EXPECT_EQ(out.response.body, "a");
}

TEST(HttpResponse, AnySplitOfTheInputGivesTheSameResponse) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    HttpResponseParser parser;
    ASSERT_FALSE(*parser.receive(as_bytes(text.substr(0, cut)))) << cut;
    ASSERT_TRUE(*parser.receive(as_bytes(text.substr(cut)))) << cut;
    EXPECT_EQ(parser.take().body, "hello!");
  }
}

TEST(HttpResponse, MalformedResponsesAreRefused) {
  for (const char* text :
       {"HTTP/2 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 99 X\r\n\r\n",
        "HTTP/1.1 600 X\r\n\r\n", "HTTP/1.1 2x0 X\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"}) {
    auto out = parse(text);
    EXPECT_FALSE(out.complete) << text;
    EXPECT_EQ(out.error, Cause::malformed) << text;
  }
}

TEST(HttpResponse, AResponseThatIsCutOffIsMalformed) {
  for (const char* text : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    auto out = parse(text, true);
    EXPECT_FALSE(out.complete) << text;
    EXPECT_EQ(out.error, Cause::malformed) << text;
  }
}

TEST(HttpResponse, HeadsAndChunkLinesHaveLimits) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nX: " + std::string(limits::kHttpHead, 'x')).error, Cause::too_large);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(2000, 'x')).error,
            Cause::too_large);
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "Trailer: some trailer value\r\n";
  EXPECT_EQ(parse(trailers).error, Cause::too_large);
}

TEST(HttpResponse, ALongBodyIsReadToItsEndButKeptOnlyInPart) {
  const std::string body(limits::kHttpResponseBody + 10, 'b');
  auto out = parse("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_TRUE(out.complete);
  EXPECT_TRUE(out.response.truncated);
  EXPECT_EQ(out.response.body.size(), limits::kHttpResponseBody);
}

TEST(HttpResponse, AsMuchOfABodyIsKeptAsIsAskedFor) {
  const std::string body(limits::kHttpResponseBody + 10, 'b');
  const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  for (const std::size_t most : {std::size_t{0}, std::size_t{7}, body.size(), 2 * body.size()}) {
    HttpResponseParser parser(most);
    ASSERT_TRUE(*parser.receive(as_bytes(text)));
    const auto response = parser.take();
    EXPECT_EQ(response.body.size(), std::min(most, body.size()));
    EXPECT_EQ(response.truncated, most == 7);
  }
}

TEST(HttpHead, RequestsParse) {
  auto head = parse_request_head("GET /a?b HTTP/1.1\r\nHost: h\r\nX-Empty:\r\n\r\n");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->target, "/a?b");
  EXPECT_EQ(find_header(head->headers, "x-empty"), "");
  EXPECT_EQ(find_header(head->headers, "other"), std::nullopt);
  for (const char* text : {"", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n",
                           "G(T / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n"}) {
    EXPECT_FALSE(parse_request_head(text).ok()) << text;
  }
}

TEST(HttpHead, TokensAreFoundInLists) {
  const std::vector<HttpHeader> headers = {{"Connection", "keep-alive"}, {"connection", "close ,\tUPGRADE"}};
  EXPECT_TRUE(header_has_token(headers, "CONNECTION", "upgrade"));
  EXPECT_TRUE(header_has_token(headers, "CONNECTION", "close"));
  EXPECT_FALSE(header_has_token(headers, "CONNECTION", "up"));
}

}  // namespace
}  // namespace pigeond::net
