#include "gateway/previews/page.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "base/text.h"
#include "net/http/head.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kTag = 8192;  // bytes; a longer one is passed over

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool begins(std::string_view text, std::string_view in_lower) {
  return text.size() >= in_lower.size() &&
         net::equal_ignoring_case(text.substr(0, in_lower.size()), in_lower);
}

// Where `in_lower` stands from `at` on; the end of the text, if nowhere.
std::size_t find(std::string_view text, std::string_view in_lower, std::size_t at) {
  for (; at < text.size(); ++at)
    if (lower(text[at]) == in_lower[0] && begins(text.substr(at), in_lower)) return at;
  return text.size();
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return;
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
  }
  tail(0);
}

// "&amp;", "&#39;", "&#x1F600;"; what is none of these stays as it is.
std::string without_entities(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint32_t> kNames[] = {
      {"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},      {"apos", '\''},
      {"nbsp", ' '},     {"ndash", 0x2013}, {"mdash", 0x2014}, {"hellip", 0x2026}, {"rsquo", 0x2019},
      {"lsquo", 0x2018}, {"rdquo", 0x201d}, {"ldquo", 0x201c}, {"middot", 0xb7}};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.substr(i, 12).find(';') : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += text[i];
      continue;
    }
    const std::string_view name = text.substr(i + 1, end - 1);
    std::uint32_t code = 0;
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && lower(name[1]) == 'x';
      for (const char c : name.substr(hex ? 2 : 1)) {
        const char digit = lower(c);
        const bool letter = hex && digit >= 'a' && digit <= 'f';
        if (!letter && (digit < '0' || digit > '9')) {
          code = 0;
          break;
        }
        code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(letter ? digit - 'a' + 10 : digit - '0');
        if (code > 0x10ffff) break;
      }
    } else {
      for (const auto& [known, value] : kNames)
        if (known == name) code = value;
    }
    if (code == 0) {
      out += text[i];
      continue;
    }
    append_utf8(out, code);
    i += end;
  }
  return out;
}

// One line, of at most so many bytes; "": no UTF-8.
std::string words_of(std::string_view text, bool latin1, std::size_t most) {
  text = text.substr(0, most * 4);  // before entities and blanks go
  std::string utf8;
  if (latin1)
    for (const char c : text) append_utf8(utf8, static_cast<unsigned char>(c));
  else
    utf8 = text;
  while (!latin1 && !utf8.empty() && utf8.size() == most * 4 && !is_valid_utf8(utf8) &&
         utf8.size() > most * 4 - 4)
    utf8.pop_back();  // a character that was cut
  std::string out;
  for (const char c : without_entities(utf8)) {
    const bool blank = is_space(c) || static_cast<unsigned char>(c) < ' ' || c == 0x7f;
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.size() > most) {
    out.resize(most);
    while (!out.empty() && !is_valid_utf8(out)) out.pop_back();
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return is_valid_utf8(out) ? out : std::string();
}

// The value of one attribute of a tag, of which `inside` is what stands behind its name.
std::string_view attribute(std::string_view inside, std::string_view wanted) {
  std::size_t at = 0;
  while (at < inside.size()) {
    while (at < inside.size() && (is_space(inside[at]) || inside[at] == '/')) ++at;
    const std::size_t name = at;
    while (at < inside.size() && !is_space(inside[at]) && inside[at] != '=') ++at;
    const std::string_view key = inside.substr(name, at - name);
    while (at < inside.size() && is_space(inside[at])) ++at;
    if (at >= inside.size() || inside[at] != '=') {
      if (key.empty()) ++at;
      continue;
    }
    ++at;
    while (at < inside.size() && is_space(inside[at])) ++at;
    std::string_view value;
    if (at < inside.size() && (inside[at] == '"' || inside[at] == '\'')) {
      const std::size_t end = std::min(inside.find(inside[at], at + 1), inside.size());
      value = inside.substr(at + 1, end - at - 1);
      at = std::min(end + 1, inside.size());
    } else {
      const std::size_t begin = at;
      while (at < inside.size() && !is_space(inside[at])) ++at;
      value = inside.substr(begin, at - begin);
    }
    if (net::equal_ignoring_case(key, wanted)) return value;
  }
  return {};
}

// Of a tag that begins at `at`: where its '>' is. Quotes hold others.
std::size_t end_of_tag(std::string_view html, std::size_t at) {
  char quote = 0;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at;
    }
  }
  return html.size();
}

struct Found {
  std::string_view og_title, title, og_description, description;

  void meta(std::string_view inside) {
    std::string_view name = attribute(inside, "property");
    if (name.empty()) name = attribute(inside, "name");
    std::string_view* place = net::equal_ignoring_case(name, "og:title")         ? &og_title
                              : net::equal_ignoring_case(name, "og:description") ? &og_description
                              : net::equal_ignoring_case(name, "description")    ? &description
                                                                                 : nullptr;
    if (place != nullptr && place->empty()) *place = attribute(inside, "content");
  }
};

}  // namespace

PageWords read_page(std::string_view html, bool latin1) {
  Found found;
  std::size_t at = 0;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const std::string_view rest = html.substr(at);
    if (begins(rest, "<!--")) {
      at = std::min(html.find("-->", at + 4), html.size());
      continue;
    }
    if (begins(rest, "</head") || begins(rest, "<body")) break;
    const std::size_t end = end_of_tag(html, at + 1);
    const auto inside = [&](std::size_t name) {
      return end - at <= kTag && end > at + name ? html.substr(at + name, end - at - name)
                                                 : std::string_view();
    };
    if (begins(rest, "<meta")) found.meta(inside(5));
    const bool is_title = begins(rest, "<title");
    at = std::min(end + 1, html.size());
    if (is_title) {
      const std::size_t close = find(html, "</title", at);
      if (found.title.empty()) found.title = html.substr(at, close - at);
      at = close;
    } else if (begins(rest, "<script")) {
      at = find(html, "</script", at);
    } else if (begins(rest, "<style")) {
      at = find(html, "</style", at);
    }
    if (at >= html.size()) break;
  }
  PageWords out;
  out.title = words_of(found.og_title, latin1, kPageTitle);
  if (out.title.empty()) out.title = words_of(found.title, latin1, kPageTitle);
  out.description = words_of(found.og_description, latin1, kPageDescription);
  if (out.description.empty()) out.description = words_of(found.description, latin1, kPageDescription);
  return out;
}

}  // namespace pigeond::gateway
