#include "net/http/head.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::net {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token(std::string_view text) {
  auto token_character = [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), token_character);
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts the first line off `text`; lines end with LF, with or without CR (RFC 9112 section 2.2).
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Result<std::vector<HttpHeader>> parse_headers(std::string_view text) {
  std::vector<HttpHeader> headers;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(Cause::malformed, "HTTP header without a colon");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_token(name)) return fail(Cause::malformed, "HTTP header with an invalid name");
    if (!is_field_value(value)) return fail(Cause::malformed, "HTTP header with a control character");
    headers.push_back({std::string(name), std::string(value)});
  }
  return headers;
}

bool is_http_1(std::string_view version) {
  return version == "HTTP/1.1" || version == "HTTP/1.0";
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

bool header_has_token(const std::vector<HttpHeader>& headers, std::string_view name, std::string_view token) {
  for (const HttpHeader& header : headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    for (std::string_view part : split(header.value, ',')) {
      if (equal_ignoring_case(trim_blanks(part), token)) return true;
    }
  }
  return false;
}

Result<std::optional<std::size_t>> http_head_size(ByteView data) {
  const std::string_view text = as_text(data.first(std::min(data.size(), limits::kHttpHead)));
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (!rest.empty() && rest.front() == '\n') return std::optional<std::size_t>(at + 2);
    if (rest.size() >= 2 && rest[0] == '\r' && rest[1] == '\n') return std::optional<std::size_t>(at + 3);
  }
  if (data.size() >= limits::kHttpHead) return fail(Cause::too_large, "HTTP head over 16 KiB");
  return std::optional<std::size_t>();
}

Result<HttpResponseHead> parse_response_head(std::string_view head) {
  const std::string_view line = next_line(head);
  // "HTTP/1.1 200 OK"; the reason may be missing, with its space.
  if (line.size() < 12 || !is_http_1(line.substr(0, 8)) || line[8] != ' ' ||
      (line.size() > 12 && line[12] != ' ')) {
    return fail(Cause::malformed, "not an HTTP response");
  }
  auto status = parse_unsigned(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599) return fail(Cause::malformed, "invalid HTTP status");
  HttpResponseHead response;
  response.minor = line[7] - '0';
  response.status = static_cast<int>(*status);
  PIGEOND_TRY(response.headers, parse_headers(head));
  return response;
}

Result<HttpRequestHead> parse_request_head(std::string_view head) {
  const auto parts = split(next_line(head), ' ');
  if (parts.size() != 3 || !is_token(parts[0]) || parts[1].empty() || !is_field_value(parts[1]) ||
      !is_http_1(parts[2])) {
    return fail(Cause::malformed, "not an HTTP request");
  }
  HttpRequestHead request;
  request.method = parts[0];
  request.target = parts[1];
  PIGEOND_TRY(request.headers, parse_headers(head));
  return request;
}

Status check_header(const HttpHeader& header) {
  if (!is_token(header.name)) return fail(Cause::bad_input, "header name is not a token: " + header.name);
  if (!is_field_value(header.value))
    return fail(Cause::bad_input, "control character in header " + header.name);
  return {};
}

}  // namespace pigeond::net
