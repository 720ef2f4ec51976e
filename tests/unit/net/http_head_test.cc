// Heads, targets, bodies and ranges, as they are read.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "net/http/connection/body_reader.h"
#include "net/http/connection/request_head.h"
#include "net/http/range.h"

namespace pigeond::net {
namespace {

std::string with(const std::string& fields, const std::string& line = "POST /a HTTP/1.1") {
  return line + "\r\nHost: x\r\n" + fields + "\r\n";
}

int status_of(const std::string& head) {
  const auto frame = parse_http_request(head);
  return frame ? 200 : frame.error().code;
}

HttpRequest target(const std::string& text) {
  auto frame = parse_http_request("GET " + text + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(frame) << text << ": " << frame.error().detail;
  return frame ? frame->request : HttpRequest();
}

int target_status(const std::string& text) {
  return status_of("GET " + text + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST(HttpHead, FramingThatCanBeReadInTwoWaysIsRefused) {
  EXPECT_EQ(status_of(with("Content-Length: 5\r\n")), 200);
  EXPECT_EQ(status_of(with("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: 5, 5\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: 9999999999999999999\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: +5\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: 0x5\r\n")), 400);
  EXPECT_EQ(status_of(with("Content-Length: \r\n")), 400);
  EXPECT_EQ(status_of(with("Transfer-Encoding: chunked\r\n")), 200);
  EXPECT_EQ(status_of(with("Transfer-Encoding: gzip\r\n")), 501);
  EXPECT_EQ(status_of(with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(status_of(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 501);
  EXPECT_EQ(status_of(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(status_of(with("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0")), 400);
}

TEST(HttpHead, WhatIsNoHeaderIsRefused) {
  EXPECT_EQ(status_of(with("A: b\r\n c\r\n")), 400);  // folded
  EXPECT_EQ(status_of(with("Content-Length : 5\r\n")), 400);
  EXPECT_EQ(status_of(with(" A: b\r\n")), 400);
  EXPECT_EQ(status_of(with("A\r\n")), 400);
  EXPECT_EQ(status_of(with(": b\r\n")), 400);
  EXPECT_EQ(status_of(with(std::string("A: b\0c\r\n", 8))), 400);
  EXPECT_EQ(status_of(with("A: b\rc\r\n")), 400);
  EXPECT_EQ(status_of(with("A: b\tc\r\n")), 200);
  EXPECT_EQ(status_of(with("Expect: 200-maybe\r\n")), 417);
}

TEST(HttpHead, RequestLinesAreTakenLiterally) {
  EXPECT_EQ(status_of(with("", "GET / HTTP/1.1")), 200);
  for (const char* line : {"GET  / HTTP/1.1", "GET /", "GET / HTTP/1.1 ", "GET / http/1.1", "GET / HTTP/11",
                           " GET / HTTP/1.1", "G(T / HTTP/1.1", "GET /a b HTTP/1.1"})
    EXPECT_EQ(status_of(with("", line)), 400) << line;
  EXPECT_EQ(status_of(with("", "PRI * HTTP/2.0")), 505);
  EXPECT_EQ(status_of(with("", "BREW / HTTP/1.1")), 501);
  EXPECT_EQ(status_of(with("", "CONNECT x:1 HTTP/1.1")), 501);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);  // no Host
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200);
}

TEST(HttpHead, FieldsAreCountedAndMeasured) {
  std::string fields;
  for (std::size_t i = 1; i < limits::kHttpHeaders; ++i) fields += "A: b\r\n";
  EXPECT_EQ(status_of(with(fields)), 200);
  EXPECT_EQ(status_of(with(fields + "A: b\r\n")), 431);
  EXPECT_EQ(status_of(with("A: " + std::string(limits::kHttpHeader, 'x') + "\r\n")), 431);
}

TEST(HttpHead, ConnectionsEndWhereTheVersionOrTheClientSaysSo) {
  const auto keeps = [](const std::string& head) { return parse_http_request(head)->keep_alive; };
  EXPECT_TRUE(keeps(with("")));
  EXPECT_FALSE(keeps(with("Connection: foo, Close\r\n")));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
}

TEST(HttpTarget, IsSplitBeforeItIsDecoded) {
  const auto request = target("/api/a%20b/%7Bx%7d?q=1%262&empty&text=a+b");
  EXPECT_EQ(request.segments, (std::vector<std::string>{"api", "a b", "{x}"}));
  EXPECT_EQ(request.path, "/api/a b/{x}");
  EXPECT_EQ(request.parameter("q"), "1&2");
  EXPECT_EQ(request.parameter("text"), "a b");
  EXPECT_EQ(request.query.count("empty"), 1U);
  for (const char* bad :
       {"/api%2fversion", "/api/sessions/default%2Fme", "/a%00b", "/a%0ab", "/a%", "/a%4", "/a%zz", "/a/../b",
        "/a/%2e%2e/b", "/./a", "/a?x=%00", "/a?x=%", "/a#b", "a", "/%ff", "/a?x=%ff"})
    EXPECT_EQ(target_status(bad), 400) << bad;
  EXPECT_EQ(target_status("/" + std::string(limits::kHttpPath, 'x')), 414);
  EXPECT_EQ(target_status("/?" + std::string(limits::kHttpTarget, 'x')), 414);
}

TEST(HttpTarget, EmptySegmentsDoNotCount) {
  const std::vector<std::string> segments{"api", "version"};
  EXPECT_EQ(target("/api/version/").segments, segments);
  EXPECT_EQ(target("//api///version").segments, segments);
  EXPECT_EQ(target("/").path, "/");
}

TEST(HttpTarget, AbsoluteFormsAndTheAsteriskAreServed) {
  EXPECT_EQ(target("http://example.org:3000/ping?a=b").path, "/ping");
  EXPECT_EQ(target("HTTP://example.org").path, "/");
  EXPECT_EQ(target("http://example.org?a=b").parameter("a"), "b");
  EXPECT_EQ(target_status("http://user@example.org/"), 400);
  EXPECT_EQ(target_status("ftp://example.org/"), 400);
  EXPECT_EQ(target_status("*"), 400);
  EXPECT_EQ(parse_http_request(with("", "OPTIONS * HTTP/1.1"))->request.path, "*");
}

TEST(HttpHeadScanner, FindsTheEndHoweverTheBytesCome) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", all = head + "rest";
  HttpHeadScanner scanner;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto none = scanner.scan(as_bytes(all).first(i));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
  }
  EXPECT_EQ(scanner.scan(as_bytes(all)).value(), head.size());
}

TEST(HttpHeadScanner, RefusesWhatCanNotBecomeAHead) {
  const auto code = [](std::string_view bytes) {
    HttpHeadScanner scanner;
    const auto found = scanner.scan(as_bytes(bytes));
    return found ? 200 : found.error().code;
  };
  EXPECT_EQ(code("GET / HTTP/1.1\nHost: x\n\n"), 400);
  EXPECT_EQ(code("\x16\x03\x01"), 400);  // a TLS handshake on a plain port
  EXPECT_EQ(code("GET /" + std::string(limits::kHttpHead, 'x')), 431);
}

std::string chunked(std::string_view bytes, std::uint64_t limit, std::size_t step, int& status) {
  HttpBodyReader reader(std::nullopt, limit);
  std::string body;
  ByteView all = as_bytes(bytes);
  while (!all.empty() && !reader.complete()) {
    auto in = all.first(std::min(step, all.size()));
    all = all.subspan(in.size());
    while (!in.empty() && !reader.complete()) {
      const auto piece = reader.next(in);
      if (!piece) {
        status = piece.error().code;
        return body;
      }
      body += as_text(*piece);
    }
  }
  status = reader.complete() ? 200 : 0;
  return body;
}

TEST(HttpBody, ChunksAreJoinedHoweverTheBytesCome) {
  const std::string bytes = "5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    int status = 0;
    EXPECT_EQ(chunked(bytes, 100, step, status), "hello world");
    EXPECT_EQ(status, 200) << step;
  }
}

TEST(HttpBody, ChunksThatAreNoneAreRefused) {
  const auto status_for = [](const std::string& bytes, std::uint64_t limit = 100) {
    int status = 0;
    (void)chunked(bytes, limit, bytes.size(), status);
    return status;
  };
  for (const char* bad : {"\r\n", "x\r\n", "5 \r\n", "5\nhello\n", "5\r\nhelloX\r\n", "5\r\nhello\rX",
                          "-5\r\n", "0x5\r\n", "5;\x01\r\n", "0\r\nA: b\n\r\n"})
    EXPECT_EQ(status_for(bad), 400) << bad;
  EXPECT_EQ(status_for("fffffffffffffffff\r\n"), 413);
  EXPECT_EQ(status_for("65\r\n" + std::string(0x65, 'x')), 413);
  EXPECT_EQ(status_for("64\r\n" + std::string(0x64, 'x') + "\r\n1\r\nx"), 413);
  EXPECT_EQ(status_for("0\r\nA: " + std::string(limits::kHttpTrailers, 'x')), 400);
  EXPECT_EQ(status_for("1;" + std::string(limits::kHttpTrailers + 1, 'x')), 400);
}

TEST(HttpRange, IsOneRangeOfBytesOrTheWhole) {
  using Kind = HttpRange::Kind;
  const auto check = [](const char* header, Kind kind, std::uint64_t first, std::uint64_t size) {
    const auto range = http_range(header, 100);
    EXPECT_EQ(range.kind, kind) << header;
    if (kind == Kind::unsatisfiable) return;
    EXPECT_EQ(range.first, first) << header;
    EXPECT_EQ(range.size, size) << header;
  };
  check("bytes=0-0", Kind::part, 0, 1);
  check("bytes=10-", Kind::part, 10, 90);
  check("bytes=-10", Kind::part, 90, 10);
  check("bytes=-1000", Kind::part, 0, 100);
  check("bytes=90-1000", Kind::part, 90, 10);
  check("bytes=100-", Kind::unsatisfiable, 0, 0);
  check("bytes=-0", Kind::unsatisfiable, 0, 0);
  for (const char* whole : {"", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1",
                            "bytes=99999999999999999999-"})
    check(whole, Kind::whole, 0, 100);
  EXPECT_EQ(http_range("bytes=0-", 0).kind, Kind::unsatisfiable);
}

}  // namespace
}  // namespace pigeond::net
