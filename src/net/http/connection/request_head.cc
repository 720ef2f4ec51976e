#include "net/http/connection/request_head.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "net/http/head.h"
#include "net/http/target.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kMaxDigits = 18;  // of a Content-Length: far over any limit, and fits 64 bits

Error refused(std::string why, int status = 400) {
  return fail(Cause::malformed, std::move(why), status);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

bool is_value_character(char c) {
  return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Each line ends with CRLF: the scanner has seen to the line feeds.
std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find("\r\n"), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return line;
}

bool is_served(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

Status parse_request_line(std::string_view line, HttpRequestFrame& frame) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3 || !is_token(parts[0]) || parts[1].empty())
    return refused("the request line is not \"METHOD target HTTP/1.1\"");
  const auto version = parts[2];
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                          is_digits(version.substr(5, 1)) && is_digits(version.substr(7, 1));
  if (!is_version) return refused("the request line is not \"METHOD target HTTP/1.1\"");
  if (version[5] != '1') return refused("only HTTP/1.0 and 1.1 are served", 505);
  frame.http_1_0 = version[7] == '0';
  if (!is_served(parts[0])) return refused("no such method: " + std::string(parts[0]), 501);
  frame.request.method = parts[0];
  return parse_http_target(parts[1], frame.request);
}

Status parse_fields(std::string_view text, HttpRequest& request) {
  while (true) {
    const auto line = next_line(text);
    if (line.empty()) return {};
    if (line.front() == ' ' || line.front() == '\t') return refused("a header is folded over two lines");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return refused("a header has no colon");
    if (!is_token(line.substr(0, colon))) return refused("a header's name is not one");
    const auto value = trim_blanks(line.substr(colon + 1));
    if (!std::ranges::all_of(value, is_value_character))
      return refused("a header's value holds a control character");
    if (line.size() + 2 * static_cast<std::size_t>(std::ranges::count(value, '%')) > limits::kHttpHeader)
      return refused("a header is too long", 431);
    if (request.headers.size() == limits::kHttpHeaders) return refused("too many headers", 431);
    request.headers.emplace(lowered(line.substr(0, colon)), value);
  }
}

Status read_length(HttpRequest& request) {
  const auto count = request.header_count("content-length");
  if (count == 0) return {};
  if (count > 1) return refused("Content-Length is there twice");
  const auto text = request.header("content-length");
  if (!is_digits(text)) return refused("Content-Length is not a number");
  if (text.size() > kMaxDigits) return refused("Content-Length is too long");
  request.length = parse_unsigned(text);
  return {};
}

Status read_framing(HttpRequestFrame& frame) {
  auto& request = frame.request;
  PIGEOND_CHECK(read_length(request));
  const auto codings = request.header_count("transfer-encoding");
  if (codings == 0) return {};
  if (request.length) return refused("Content-Length and Transfer-Encoding exclude each other");
  if (frame.http_1_0) return refused("HTTP/1.0 has no Transfer-Encoding");
  if (codings > 1 || lowered(request.header("transfer-encoding")) != "chunked")
    return refused("no Transfer-Encoding but chunked is served", 501);
  request.chunked = true;
  return {};
}

bool has_token(const HttpRequest& request, const char* name, std::string_view token) {
  const auto [first, last] = request.headers.equal_range(name);
  return std::any_of(first, last, [&](const auto& header) {
    const auto parts = split(header.second, ',');
    return std::ranges::any_of(parts,
                               [&](auto part) { return equal_ignoring_case(trim_blanks(part), token); });
  });
}

Status read_wishes(HttpRequestFrame& frame) {
  const auto& request = frame.request;
  const auto hosts = request.header_count("host");
  if (hosts > 1 || (hosts == 0 && !frame.http_1_0)) return refused("there must be one Host header");
  frame.keep_alive = !frame.http_1_0 && !has_token(request, "connection", "close");
  if (frame.http_1_0 || request.header_count("expect") == 0) return {};
  if (!equal_ignoring_case(request.header("expect"), "100-continue"))
    return refused("Expect can only be 100-continue", 417);
  frame.expects_continue = request.has_body();
  return {};
}

}  // namespace

Result<std::optional<std::size_t>> HttpHeadScanner::scan(ByteView data) {
  const std::size_t end = std::min(data.size(), limits::kHttpHead);
  for (; at_ < end; ++at_) {
    if (!started_ && data[at_] != '\r' && data[at_] != '\n') {
      if (!is_token_character(static_cast<char>(data[at_]))) return refused("this is not HTTP");
      started_ = true;
    }
    if (data[at_] != '\n') continue;
    if (at_ == 0 || data[at_ - 1] != '\r') return refused("a line does not end with CR LF");
    const bool empty = at_ - line_ == 1;
    line_ = at_ + 1;
    if (!empty || !started_) continue;
    return std::optional<std::size_t>(std::exchange(at_, at_ + 1) + 1);
  }
  if (data.size() >= limits::kHttpHead) return refused("the head is over 16 KiB", 431);
  return std::optional<std::size_t>();
}

Result<HttpRequestFrame> parse_http_request(std::string_view head) {
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  HttpRequestFrame frame;
  PIGEOND_CHECK(parse_request_line(next_line(head), frame));
  PIGEOND_CHECK(parse_fields(head, frame.request));
  PIGEOND_CHECK(read_framing(frame));
  PIGEOND_CHECK(read_wishes(frame));
  return frame;
}

}  // namespace pigeond::net
