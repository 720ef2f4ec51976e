// The reading half of the codec. codec_bytes.h has the layout.
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/codec_bytes.h"
#include "wire/dictionary.h"
#include "wire/inflate.h"

namespace pigeond::wire {
namespace {

constexpr std::uint8_t kCompressed = 2;  // flag byte
constexpr char kNibbles[] = "0123456789-.";
constexpr char kHexDigits[] = "0123456789ABCDEF";

// Every reading function gives false once something is wrong; error() says what. Nothing is allocated by a
// count from the wire that the bytes at hand could not fill.
class Reader {
 public:
  Reader(ByteView bytes, Dictionary dictionary) : rest_(bytes), dictionary_(dictionary) {}

  bool node(Node& out, int depth) {
    std::size_t size = 0;
    return head(out, depth, size) && (size % 2 != 0 || content(out, depth));
  }

  // `size`: of the list; an even one has a content after the attributes.
  bool head(Node& out, int depth, std::size_t& size) {
    if (depth >= limits::kNodeDepth) return refuse("nodes nested too deep");
    std::uint8_t form = 0;
    if (!byte(form)) return false;
    if (form != code::kList8 && form != code::kList16) return refuse("a node is no list");
    if (!list_size(form, size)) return false;
    if (size == 0) return refuse("empty node");
    if (!text(out.tag)) return false;
    if (out.tag.empty()) return refuse("node without tag");
    return attributes(out, (size - 1) / 2);
  }

  bool at_end() const { return rest_.empty(); }
  bool refuse(const char* why, Cause cause = Cause::malformed) {
    if (!error_) error_ = fail(cause, why);
    return false;
  }
  Error error() const { return error_.value_or(fail(Cause::malformed, "node")); }

 private:
  bool attributes(Node& out, std::size_t count) {
    // A name and a value take a byte each at least.
    if (count > limits::kNodeAttributes || count > rest_.size() / 2)
      return refuse("more attributes than bytes");
    if (!spend(count)) return false;
    out.attributes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Attribute attribute;
      if (!text(attribute.name)) return false;
      if (attribute.name.empty()) return refuse("attribute without name");
      if (out.has(attribute.name)) return refuse("attribute named twice");
      if (!value(attribute.value)) return false;
      const auto* string = std::get_if<std::string>(&attribute.value);
      if (string == nullptr || !string->empty()) out.attributes.push_back(std::move(attribute));
    }
    return true;
  }

  bool content(Node& out, int depth) {
    std::uint8_t form = 0;
    if (!byte(form)) return false;
    switch (form) {
      case code::kListEmpty:
        return true;
      case code::kList8:
      case code::kList16:
        return children(out, form, depth);
      case code::kBinary8:
      case code::kBinary20:
      case code::kBinary32: {
        ByteView bytes;
        if (!raw(form, bytes)) return false;
        out.content = to_bytes(bytes);
        return true;
      }
      default: {
        Value body;
        if (!value_of(form, body)) return false;
        if (auto* address = std::get_if<Jid>(&body)) {
          out.content = std::move(*address);
        } else {
          out.content = std::move(std::get<std::string>(body));
        }
        return true;
      }
    }
  }

  bool children(Node& out, std::uint8_t form, int depth) {
    constexpr std::size_t kSmallestNode = 3;  // list, size, tag
    std::size_t count = 0;
    if (!list_size(form, count)) return false;
    if (count == 0) return true;
    if (count > rest_.size() / kSmallestNode) return refuse("more children than bytes");
    if (!spend(count)) return false;
    auto& list = out.content.emplace<std::vector<Node>>(count);
    for (auto& child : list)
      if (!node(child, depth + 1)) return false;
    return true;
  }

  // Nodes and attributes are far larger in memory than on the wire, so their number is bounded as well.
  bool spend(std::size_t count) {
    if (count > budget_) return refuse("too many nodes and attributes", Cause::too_large);
    budget_ -= count;
    return true;
  }

  bool byte(std::uint8_t& out) {
    if (rest_.empty()) return refuse("ends too early");
    out = rest_[0];
    rest_ = rest_.subspan(1);
    return true;
  }

  bool number(std::size_t width, std::size_t& out) {
    if (rest_.size() < width) return refuse("ends too early");
    out = static_cast<std::size_t>(read_be(rest_.first(width)));
    rest_ = rest_.subspan(width);
    return true;
  }

  bool number16(std::uint16_t& out) {
    std::size_t wide = 0;
    if (!number(2, wide)) return false;
    out = static_cast<std::uint16_t>(wide);
    return true;
  }

  bool list_size(std::uint8_t form, std::size_t& out) { return number(form == code::kList8 ? 1 : 2, out); }

  bool raw(std::uint8_t form, ByteView& out) {
    std::size_t size = 0;
    if (!number(form == code::kBinary8 ? 1 : form == code::kBinary20 ? 3 : 4, size)) return false;
    if (form == code::kBinary20) size &= 0xfffff;
    if (size > rest_.size()) return refuse("a string is longer than the node");
    out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return true;
  }

  // A string where a JID can't be.
  bool text(std::string& out) {
    std::uint8_t form = 0;
    return byte(form) && text_of(form, out);
  }

  bool value(Value& out) {
    std::uint8_t form = 0;
    return byte(form) && value_of(form, out);
  }

  bool value_of(std::uint8_t form, Value& out) {
    switch (form) {
      case code::kJidPair:
        return jid_pair(out.emplace<Jid>());
      case code::kDeviceJid:
        return device_jid(out.emplace<Jid>());
      case code::kMessengerJid:
      case code::kInteropJid:
        return numbered_jid(form, out.emplace<Jid>());
      default:
        return text_of(form, out.emplace<std::string>());
    }
  }

  bool text_of(std::uint8_t form, std::string& out) {
    if (form == code::kListEmpty) return true;
    if (form <= dictionary::kSingleTokens) {
      out = dictionary::single(form, dictionary_);
      return true;
    }
    if (form < dictionary::kFirstPage + 4) {
      std::uint8_t index = 0;
      if (!byte(index)) return false;
      out = dictionary::paged(static_cast<std::uint8_t>(form - dictionary::kFirstPage), index, dictionary_);
      return true;
    }
    switch (form) {
      case code::kNibble8:
        return packed(kNibbles, 12, out);
      case code::kHex8:
        return packed(kHexDigits, 16, out);
      case code::kBinary8:
      case code::kBinary20:
      case code::kBinary32: {
        ByteView bytes;
        if (!raw(form, bytes)) return false;
        out = as_text(bytes);
        return is_valid_utf8(out) || refuse("a string is not UTF-8");
      }
      default:
        return refuse("a string was expected");
    }
  }

  bool packed(const char* alphabet, unsigned letters, std::string& out) {
    std::uint8_t head = 0;
    if (!byte(head)) return false;
    const std::size_t size = head & 0x7fu;
    const bool odd = (head & 0x80) != 0;
    if (size > rest_.size()) return refuse("a string is longer than the node");
    if (odd && size == 0) return refuse("packed string without digits");
    out.resize(size * 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const unsigned digit = i % 2 == 0 ? rest_[i / 2] / 16u : rest_[i / 2] % 16u;
      // 15 pads; where it is no padding all known clients read it as NUL.
      if (digit >= letters && digit != 15) return refuse("packed digit");
      out[i] = digit < letters ? alphabet[digit] : '\0';
    }
    if (odd) out.pop_back();
    rest_ = rest_.subspan(size);
    return true;
  }

  bool jid_pair(Jid& out) {
    if (!text(out.user) || !server_name(out.server)) return false;
    return !out.server.empty() || refuse("JID without server");
  }

  bool server_name(ServerName& out) {
    std::string name;
    if (!text(name)) return false;
    out = name;
    return true;
  }

  bool device_jid(Jid& out) {
    std::uint8_t domain = 0, device = 0;
    if (!byte(domain) || !byte(device) || !text(out.user)) return false;
    if (out.user.empty()) return refuse("device JID without user");
    out.server = server_of(domain);
    out.device = device;
    return true;
  }

  // Domains that nobody has given a meaning: by the bit that marks hosted ones, as whatsapp-rust reads them.
  static std::string_view server_of(std::uint8_t domain) {
    if (domain == code::kDomainLid) return server::kLid;
    if (domain == code::kDomainHostedLid) return server::kHostedLid;
    return (domain & 0x80) != 0 && domain % 2 == 0 ? server::kHosted : server::kUser;
  }

  bool numbered_jid(std::uint8_t form, Jid& out) {
    if (!text(out.user) || !number16(out.device)) return false;
    if (form == code::kInteropJid && !number16(out.integrator)) return false;
    if (!server_name(out.server)) return false;
    const auto expected = form == code::kInteropJid ? server::kInterop : server::kMessenger;
    if (out.user.empty()) return refuse("JID without user");
    return out.server == expected || refuse("JID with the wrong server");
  }

  ByteView rest_;
  Dictionary dictionary_;
  std::size_t budget_ = limits::kNodeItems;
  std::optional<Error> error_;
};

Result<Node> decode_plain(ByteView bytes, Dictionary dictionary) {
  Reader reader(bytes, dictionary);
  Node node;
  if (!reader.node(node, 0)) return reader.error();
  if (!reader.at_end()) return fail(Cause::malformed, "bytes after the node");
  return Result<Node>(std::move(node));
}

}  // namespace

std::optional<Node> decode_head(ByteView bytes, Dictionary dictionary) {
  if (bytes.empty()) return std::nullopt;
  Bytes inflated;
  ByteView body = bytes.subspan(1);
  if ((bytes[0] & kCompressed) != 0) {
    auto whole = inflate_all(body, limits::kInflatedNode);
    if (!whole) return std::nullopt;
    inflated = std::move(*whole);
    body = inflated;
  }
  Reader reader(body, dictionary);
  Node node;
  std::size_t size = 0;
  if (!reader.head(node, 0, size)) return std::nullopt;
  return node;
}

Result<Node> decode(ByteView bytes, Dictionary dictionary) {
  if (bytes.empty()) return fail(Cause::malformed, "no flag byte");
  const auto body = bytes.subspan(1);
  if ((bytes[0] & kCompressed) == 0) return decode_plain(body, dictionary);
  PIGEOND_TRY(const Bytes inflated, inflate_all(body, limits::kInflatedNode));
  return decode_plain(inflated, dictionary);
}

}  // namespace pigeond::wire
