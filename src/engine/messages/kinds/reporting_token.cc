#include "engine/messages/kinds/reporting_token.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

constexpr int kDepth = 16;

// One field that counts. `inside` lists what counts within it, "*": a whole Message.
struct Rule {
  std::uint32_t number;
  const char* inside;
};

// The lists are written as in the protocol's own tables: numbers, each with its inner list in braces.
constexpr const char* kPoll = "2 3{1 2} 5{21 22} 8{1 2}";
constexpr const char* kVideo = "2 6 7 13 17{21 22} 20";
constexpr Rule kMessage[] = {
    {1, ""},
    {3, "2 3 8 11 17{21 22} 25"},
    {4, "1 16 17{21 22}"},
    {5, "3 4 5 16 17{21 22}"},
    {6, "1 17{21 22} 30"},
    {7, "2 7 10 17{21 22} 20"},
    {8, "2 7 9 17{21 22} 21"},
    {9, kVideo},
    {12, "1 2 14* 15"},
    {18, "6 16 17{21 22}"},
    {26, "4 5 8 13 17{21 22}"},
    {28, "1 2 4 5 6 7{21 22}"},
    {37, "1*"},
    {49, kPoll},
    {53, "1*"},
    {55, "1*"},
    {58, "1*"},
    {59, "1*"},
    {60, kPoll},
    {64, kPoll},
    {66, kVideo},
    {74, "1*"},
    {87, "1*"},
    {88, "1 2{1} 3{21 22}"},
    {92, "1*"},
    {93, "1*"},
    {94, "1*"},
};

// What a rule's text says about one field number.
struct Match {
  bool counts = false;
  bool message = false;    // recurse as a Message
  std::string_view inner;  // recurse with this list; empty and not message: a leaf
};

Match match(std::string_view list, std::uint32_t number) {
  std::size_t at = 0;
  while (at < list.size()) {
    if (list[at] == ' ') {
      ++at;
      continue;
    }
    std::uint32_t value = 0;
    while (at < list.size() && list[at] >= '0' && list[at] <= '9')
      value = value * 10 + static_cast<std::uint32_t>(list[at++] - '0');
    Match found{value == number, false, {}};
    if (at < list.size() && list[at] == '*') {
      found.message = true;
      ++at;
    } else if (at < list.size() && list[at] == '{') {
      const std::size_t open = ++at;  // the lists nest only one level
      at = list.find('}', at);
      if (at == std::string_view::npos) return {};
      found.inner = list.substr(open, at - open);
      ++at;
    }
    if (found.counts) return found;
  }
  return {};
}

Match match_message(std::uint32_t number) {
  for (const auto& rule : kMessage)
    if (rule.number == number) return {true, false, rule.inside};
  return {};
}

Bytes filter(ByteView message, bool is_message, std::string_view list, int depth) {
  struct Kept {
    std::uint32_t number;
    Bytes bytes;
  };
  std::vector<Kept> kept;
  RawFields fields(message);
  while (auto field = fields.next()) {
    const Match found = is_message ? match_message(field->number) : match(list, field->number);
    if (!found.counts) continue;
    if (!found.message && found.inner.empty()) {
      kept.push_back({field->number, to_bytes(field->whole)});
      continue;
    }
    if (field->wire_type != 2 || depth >= kDepth) continue;
    const Bytes inner = filter(field->payload, found.message, found.inner, depth + 1);
    if (inner.empty()) continue;
    Kept entry{field->number, {}};
    append_field(entry.bytes, field->number, inner);
    kept.push_back(std::move(entry));
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Kept& a, const Kept& b) { return a.number < b.number; });
  Bytes out;
  for (const auto& entry : kept) out.insert(out.end(), entry.bytes.begin(), entry.bytes.end());
  return out;
}

}  // namespace

Bytes reporting_content(ByteView message) {
  return filter(message, true, {}, 0);
}

Key32 reporting_key(ByteView message_secret, const std::string& id, const std::string& sender,
                    const std::string& remote) {
  const Bytes key =
      crypto::hkdf_sha256({}, message_secret, as_bytes(id + sender + remote + "Report Token"), 32);
  Key32 out{};
  std::copy(key.begin(), key.end(), out.begin());
  return out;
}

ReportingToken reporting_token(const Key32& key, ByteView content) {
  const Key32 mac = crypto::hmac_sha256(key, content);
  ReportingToken token{};
  std::copy_n(mac.begin(), token.size(), token.begin());
  return token;
}

}  // namespace pigeond::engine
