#include "media/pdf.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"

namespace pigeond::media {
namespace {

constexpr std::uint32_t kMost = 1000000;  // more pages than that are a number of something else

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}
bool in_name(char c) {
  return !is_space(c) && std::string_view("()<>[]{}/%").find(c) == std::string_view::npos;
}

std::string_view behind_space(std::string_view text) {
  const auto first = std::find_if_not(text.begin(), text.end(), is_space);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

// The number behind a name, e.g. of "/Count 12".
std::optional<std::uint32_t> number_of(std::string_view object, std::string_view name) {
  for (std::size_t at = object.find(name); at != std::string_view::npos; at = object.find(name, at + 1)) {
    std::string_view rest = object.substr(at + name.size());
    if (!rest.empty() && in_name(rest[0])) continue;  // a longer name; a number has a space before it
    rest = behind_space(rest);
    std::uint32_t number = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9' && number <= kMost; ++digits)
      number = number * 10 + static_cast<std::uint32_t>(rest[digits] - '0');
    if (digits > 0 && number <= kMost) return number;
  }
  return std::nullopt;
}

bool is_pages(std::string_view object) {
  for (std::size_t at = object.find("/Type"); at != std::string_view::npos;
       at = object.find("/Type", at + 1)) {
    const std::string_view rest = behind_space(object.substr(at + 5));
    if (rest.starts_with("/Pages") && (rest.size() == 6 || !in_name(rest[6]))) return true;
  }
  return false;
}

std::uint32_t pages_in(std::string_view text) {
  std::uint32_t most = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("endobj"), text.size());
    const std::string_view object = text.substr(0, end);
    if (is_pages(object)) most = std::max(most, number_of(object, "/Count").value_or(0));
    text.remove_prefix(std::min(text.size(), end + 6));
  }
  return most;
}

}  // namespace

Result<std::uint32_t> pdf_pages(Source& source) {
  Bytes bytes(limits::kPdfLook);
  PIGEOND_TRY(const std::size_t first, source.read(0, bytes));
  const std::string_view head = as_text(ByteView(bytes).first(first));
  const std::string_view object = head.substr(0, head.find("endobj"));
  if (object.find("/Linearized") != std::string_view::npos) {
    if (const auto pages = number_of(object, "/N")) return *pages;
  }
  std::uint32_t most = pages_in(head);
  if (source.size() > first) {
    const std::uint64_t from = std::max<std::uint64_t>(
        first, source.size() - std::min<std::uint64_t>(source.size(), limits::kPdfLook));
    PIGEOND_TRY(const std::size_t last, source.read(from, bytes));
    most = std::max(most, pages_in(as_text(ByteView(bytes).first(last))));
  }
  return most;
}

}  // namespace pigeond::media
