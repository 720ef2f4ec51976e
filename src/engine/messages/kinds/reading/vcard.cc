#include "engine/messages/kinds/reading/vcard.h"

#include <algorithm>
#include <cctype>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::engine {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    out += c;
  }
  return out;
}

std::string unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
      continue;
    }
    ++i;
    out += value[i] == 'n' || value[i] == 'N' ? ' ' : value[i];
  }
  return out;
}

bool same_word(std::string_view text, std::string_view upper) {
  return text.size() == upper.size() &&
         std::equal(text.begin(), text.end(), upper.begin(),
                    [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
}

// The next line of `rest`, without its end; folded ones (section 2.6) stay what they are.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "item1.FN;CHARSET=UTF-8": FN
std::string_view property_of(std::string_view line) {
  line = line.substr(0, line.find_first_of(";:"));
  const std::size_t group = line.rfind('.');
  return group == std::string_view::npos ? line : line.substr(group + 1);
}

}  // namespace

std::string vcard_of(const PersonOnCard& person) {
  std::string out = "BEGIN:VCARD\nVERSION:3.0\nFN:" + escaped(person.name) + "\n";
  if (!person.organization.empty()) out += "ORG:" + escaped(person.organization) + ";\n";
  out += "TEL;type=CELL;type=VOICE";
  if (!person.whatsapp.empty()) out += ";waid=" + person.whatsapp;
  return out + ":" + escaped(person.phone) + "\nEND:VCARD";
}

bool is_vcard(std::string_view card) {
  card = trim(card);
  if (!is_valid_utf8(card) || card.find('\0') != std::string_view::npos) return false;
  std::string_view rest = card;
  if (!same_word(trim(take_line(rest)), "BEGIN:VCARD")) return false;
  const std::size_t last = card.rfind('\n');
  return last != std::string_view::npos && same_word(trim(card.substr(last + 1)), "END:VCARD");
}

std::string name_in_vcard(std::string_view card) {
  std::string structured;
  while (!card.empty()) {
    const std::string_view line = take_line(card);
    const std::string_view property = property_of(line);
    const bool full = same_word(property, "FN");
    if (!full && (!same_word(property, "N") || !structured.empty())) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string value(line.substr(colon + 1));
    while ((card.starts_with(' ') || card.starts_with('\t')) && value.size() < limits::kCardField * 4)
      value += take_line(card).substr(1);
    if (full) {
      const std::string name = unescaped(value);
      if (!trim(name).empty()) return std::string(trim(name));
      continue;
    }
    // Family;Given;...: as people say it.
    const auto parts = split(value, ';');
    structured = std::string(parts.size() > 1 ? trim(parts[1]) : "");
    if (!trim(parts[0]).empty()) structured += (structured.empty() ? "" : " ") + std::string(trim(parts[0]));
    structured = unescaped(structured);
  }
  return structured;
}

}  // namespace pigeond::engine
