#include "net/tls/certificate_names.h"

#include <algorithm>
#include <array>
#include <optional>

namespace pigeond::net {
namespace {

constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kObjectId = 0x06;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kExtensions = 0xA3;  // [3] of a TBSCertificate
constexpr std::uint8_t kIpAddress = 0x87;   // [7] of a GeneralName
constexpr std::array<std::uint8_t, 3> kSubjectAltName = {0x55, 0x1D, 0x11};

struct Element {
  std::uint8_t tag = 0;
  ByteView value;
};

// Cuts one DER element off the front of `in`.
std::optional<Element> next(ByteView& in) {
  if (in.size() < 2) return std::nullopt;
  const std::uint8_t tag = in[0];
  std::size_t length = in[1];
  std::size_t start = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7F;
    if (count == 0 || count > 3 || in.size() < 2 + count) return std::nullopt;
    length = static_cast<std::size_t>(read_be(in.subspan(2, count)));
    start += count;
  }
  if (in.size() - start < length) return std::nullopt;
  const Element element{tag, in.subspan(start, length)};
  in = in.subspan(start + length);
  return element;
}

std::optional<ByteView> enter(ByteView in, std::uint8_t tag) {
  auto element = next(in);
  if (!element || element->tag != tag) return std::nullopt;
  return element->value;
}

// Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }
std::optional<ByteView> alt_names(ByteView extension) {
  auto id = next(extension);
  if (!id || id->tag != kObjectId ||
      !std::equal(id->value.begin(), id->value.end(), kSubjectAltName.begin(), kSubjectAltName.end())) {
    return std::nullopt;
  }
  auto value = next(extension);
  if (value && value->tag == kBoolean) value = next(extension);
  if (!value || value->tag != kOctetString) return std::nullopt;
  return enter(value->value, kSequence);
}

}  // namespace

bool certificate_has_ip(ByteView certificate_der, ByteView address) {
  auto certificate = enter(certificate_der, kSequence);
  auto fields = certificate ? enter(*certificate, kSequence) : std::nullopt;
  if (!fields) return false;
  std::optional<ByteView> extensions;
  while (auto field = next(*fields)) {
    if (field->tag == kExtensions) extensions = enter(field->value, kSequence);
  }
  if (!extensions) return false;
  while (auto extension = next(*extensions)) {
    auto names = extension->tag == kSequence ? alt_names(extension->value) : std::nullopt;
    if (!names) continue;
    while (auto name = next(*names)) {
      if (name->tag == kIpAddress &&
          std::equal(name->value.begin(), name->value.end(), address.begin(), address.end())) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace pigeond::net
