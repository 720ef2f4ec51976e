#include "net/http/target.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "net/http/head.h"

namespace pigeond::net {
namespace {

Error refused(const char* why) {
  return fail(Cause::malformed, why, 400);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// nullopt: a '%' without two hexadecimal digits.
std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Status parse_path(std::string_view path, HttpRequest& request) {
  for (const auto part : split(path, '/')) {
    if (part.empty()) continue;
    auto segment = decode(part, false);
    if (!segment) return refused("the path holds a % without two hexadecimal digits");
    if (segment->find('/') != std::string::npos) return refused("the path holds an encoded slash");
    if (std::ranges::any_of(*segment, is_control)) return refused("the path holds a control character");
    if (*segment == "." || *segment == "..") return refused("the path holds a dot segment");
    if (!is_valid_utf8(*segment)) return refused("the path is not UTF-8");
    request.path += '/';
    request.path += *segment;
    request.segments.push_back(std::move(*segment));
  }
  if (request.path.empty()) request.path = "/";
  return {};
}

Status parse_query(std::string_view query, HttpRequest& request) {
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    auto name = decode(part.substr(0, equals), true);
    auto value = decode(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return refused("the query holds a % without two hexadecimal digits");
    for (const auto* text : {&*name, &*value}) {
      if (text->find('\0') != std::string::npos) return refused("the query holds a NUL");
      if (!is_valid_utf8(*text)) return refused("the query is not UTF-8");
    }
    request.query.emplace(std::move(*name), std::move(*value));
  }
  return {};
}

// "http://host:port/path" loses everything before its path.
std::optional<std::string_view> without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() <= scheme.size() || !equal_ignoring_case(target.substr(0, scheme.size()), scheme))
      continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0 || target.substr(0, end).find('@') != std::string_view::npos) return std::nullopt;
    return target.substr(end);
  }
  return std::nullopt;
}

}  // namespace

Status parse_http_target(std::string_view target, HttpRequest& request) {
  if (target.size() > limits::kHttpTarget) return fail(Cause::malformed, "the target is too long", 414);
  if (std::ranges::any_of(target, [](char c) { return is_control(c) || c == ' '; }))
    return refused("the target holds a blank or a control character");
  if (target.find('#') != std::string_view::npos) return refused("the target holds a fragment");
  if (target == "*") {
    if (request.method != "OPTIONS") return refused("* is a target for OPTIONS alone");
    request.path = "*";
    return {};
  }
  if (target.empty() || target.front() != '/') {
    const auto rest = without_authority(target);
    if (!rest) return refused("the target is neither a path nor an http URL");
    target = *rest;
  }
  const auto end = std::min(target.find('?'), target.size());
  if (end > limits::kHttpPath) return fail(Cause::malformed, "the path is too long", 414);
  PIGEOND_CHECK(parse_path(target.substr(0, end), request));
  return parse_query(target.substr(std::min(end + 1, target.size())), request);
}

std::string encode_http_path(const HttpRequest& request) {
  std::string out;
  for (const auto& segment : request.segments) {
    out += '/';
    for (const char c : segment) {
      const bool unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              std::string_view("-._~").find(c) != std::string_view::npos;
      if (unreserved) {
        out += c;
      } else {
        out += '%';
        out += hex_upper(as_bytes(std::string_view(&c, 1)));
      }
    }
  }
  return out.empty() ? "/" : out;
}

}  // namespace pigeond::net
