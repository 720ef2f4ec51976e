// The writing half of the codec. codec_bytes.h has the layout.
#include <cstdlib>

#include "wire/codec.h"
#include "wire/codec_bytes.h"
#include "wire/dictionary.h"

namespace pigeond::wire {
namespace {

// An upper bound of what a value takes, so that the output is allocated once.
constexpr std::size_t kPrefix = 5;  // the longest prefix of a string or list
constexpr std::size_t kJidExtra = 24;

std::size_t bound(const Jid& jid) {
  return jid.user.size() + jid.server.size() + kJidExtra;
}

std::size_t bound(const Node& node) {
  std::size_t size = kPrefix + kPrefix + node.tag.size();
  for (const auto& attribute : node.attributes) {
    size += kPrefix + attribute.name.size();
    if (const auto* jid = std::get_if<Jid>(&attribute.value)) {
      size += bound(*jid);
    } else {
      size += kPrefix + std::get<std::string>(attribute.value).size();
    }
  }
  if (const auto* list = std::get_if<std::vector<Node>>(&node.content)) {
    size += kPrefix;
    for (const auto& child : *list) size += bound(child);
  } else if (const auto* bytes = std::get_if<Bytes>(&node.content)) {
    size += kPrefix + bytes->size();
  } else if (const auto* text = std::get_if<std::string>(&node.content)) {
    size += kPrefix + text->size();
  } else if (const auto* jid = std::get_if<Jid>(&node.content)) {
    size += bound(*jid);
  }
  return size;
}

constexpr std::uint8_t kNotPackable = 0xff;

std::uint8_t nibble_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c == '-') return 10;
  if (c == '.') return 11;
  return kNotPackable;
}

std::uint8_t hex_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return kNotPackable;
}

class Writer {
 public:
  Writer(Bytes& out, Dictionary dictionary) : out_(out), dictionary_(dictionary) {}

  void node(const Node& node) {
    if (node.tag.empty()) std::abort();
    std::size_t size = 1;
    for (const auto& attribute : node.attributes) size += is_empty(attribute.value) ? 0 : 2;
    const bool has_content = !std::holds_alternative<std::monostate>(node.content);
    list_header(size + (has_content ? 1 : 0));
    text(node.tag);
    for (const auto& attribute : node.attributes) {
      if (is_empty(attribute.value)) continue;
      text(attribute.name);
      if (const auto* address = std::get_if<Jid>(&attribute.value)) {
        jid(*address);
      } else {
        text(std::get<std::string>(attribute.value));
      }
    }
    if (has_content) content(node.content);
  }

 private:
  static bool is_empty(const Value& value) {
    if (const auto* address = std::get_if<Jid>(&value)) return address->empty();
    return std::get<std::string>(value).empty();
  }

  void content(const Content& value) {
    if (const auto* list = std::get_if<std::vector<Node>>(&value)) {
      list_header(list->size());
      for (const auto& child : *list) node(child);
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
      raw(*bytes);
    } else if (const auto* string = std::get_if<std::string>(&value)) {
      text(*string);
    } else if (const auto* address = std::get_if<Jid>(&value)) {
      jid(*address);
    }
  }

  void byte(std::size_t value) { out_.push_back(static_cast<std::uint8_t>(value)); }

  void list_header(std::size_t size) {
    if (size == 0) {
      byte(code::kListEmpty);
    } else if (size < 256) {
      byte(code::kList8);
      byte(size);
    } else if (size < 65536) {
      byte(code::kList16);
      append_be(out_, size, 2);
    } else {
      std::abort();  // nothing that pigeond sends comes near
    }
  }

  void raw(ByteView bytes) {
    if (bytes.size() < 256) {
      byte(code::kBinary8);
      byte(bytes.size());
    } else if (bytes.size() < (1u << 20)) {
      byte(code::kBinary20);
      append_be(out_, bytes.size(), 3);
    } else {
      byte(code::kBinary32);
      append_be(out_, bytes.size(), 4);
    }
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

  // Token, else packed, else as it is: the order of whatsmeow, Baileys and whatsapp-rust.
  void text(std::string_view value) {
    if (const auto place = dictionary::find(value, dictionary_)) {
      if (*place < dictionary::kSingleTokens) {
        byte(*place + 1u);
      } else {
        const unsigned index = *place - dictionary::kSingleTokens;
        byte(dictionary::kFirstPage + index / 256);
        byte(index % 256);
      }
      return;
    }
    if (!value.empty() && value.size() <= code::kPackedMax) {
      if (packed<nibble_of>(value, code::kNibble8) || packed<hex_of>(value, code::kHex8)) return;
    }
    raw(as_bytes(value));
  }

  template <std::uint8_t (*digit)(char)>
  bool packed(std::string_view value, std::uint8_t form) {
    for (char c : value)
      if (digit(c) == kNotPackable) return false;
    byte(form);
    byte((value.size() + 1) / 2 | (value.size() % 2 != 0 ? 0x80u : 0u));
    for (std::size_t i = 0; i < value.size(); i += 2) {
      const unsigned low = i + 1 < value.size() ? digit(value[i + 1]) : 15u;
      byte(digit(value[i]) * 16u + low);
    }
    return true;
  }

  void jid(const Jid& address) {
    if (!address.user.empty()) {
      if (address.server == server::kUser && has_device_byte(address))
        return device_jid(code::kDomainUser, address);
      if (address.server == server::kLid && has_device_byte(address))
        return device_jid(code::kDomainLid, address);
      if (address.server == server::kHosted && address.device < 256)
        return device_jid(code::kDomainHosted, address);
      if (address.server == server::kHostedLid && address.device < 256)
        return device_jid(code::kDomainHostedLid, address);
      if (address.server == server::kMessenger) return numbered_jid(code::kMessengerJid, address);
      if (address.server == server::kInterop) return numbered_jid(code::kInteropJid, address);
    }
    byte(code::kJidPair);
    if (address.user.empty()) {
      byte(code::kListEmpty);
    } else if (address.device == 0) {
      text(address.user);
    } else {
      // No form has room for this device: keep it readable instead of addressing another one.
      text(address.user + ':' + std::to_string(address.device));
    }
    text(address.server);
  }

  static bool has_device_byte(const Jid& address) { return address.device > 0 && address.device < 256; }

  void device_jid(std::uint8_t domain, const Jid& address) {
    byte(code::kDeviceJid);
    byte(domain);
    byte(address.device);
    text(address.user);
  }

  void numbered_jid(std::uint8_t form, const Jid& address) {
    byte(form);
    text(address.user);
    append_be(out_, address.device, 2);
    if (form == code::kInteropJid) append_be(out_, address.integrator, 2);
    text(address.server);
  }

  Bytes& out_;
  Dictionary dictionary_;
};

}  // namespace

Bytes encode(const Node& node, Dictionary dictionary) {
  Bytes out;
  out.reserve(1 + bound(node));
  out.push_back(0);
  Writer(out, dictionary).node(node);
  return out;
}

}  // namespace pigeond::wire
