#include "media/ogg_pages.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/limits.h"
#include "media/window.h"

namespace pigeond::media {
namespace {

constexpr std::size_t kHead = 27;

// x^32 + x^26 + ... with the highest bit first, nothing inverted: not zlib's.
constexpr std::array<std::uint32_t, 256> kCrc = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value >> 31) != 0 ? 0x04C11DB7u : 0u);
    table[i] = value;
  }
  return table;
}();

std::uint32_t crc(std::uint32_t value, ByteView bytes) {
  for (const auto byte : bytes) value = value << 8 ^ kCrc[value >> 24 ^ byte];
  return value;
}

}  // namespace

Result<OggPage> ogg_page(ByteView bytes) {
  if (!stands_at(bytes, 0, std::string_view("OggS\0", 5)) || bytes.size() < kHead)
    return fail(Cause::malformed, "no Ogg page");
  const std::size_t lengths = bytes[26];
  if (bytes.size() < kHead + lengths) return fail(Cause::malformed, "an Ogg page is cut");
  OggPage page;
  page.lengths = bytes.subspan(kHead, lengths);
  const auto size = std::accumulate(page.lengths.begin(), page.lengths.end(), std::size_t{0});
  page.bytes = kHead + lengths + size;
  if (bytes.size() < page.bytes) return fail(Cause::malformed, "an Ogg page is cut");
  page.content = bytes.subspan(kHead + lengths, size);
  // The CRC is that of the page with zeros in its place.
  constexpr std::array<std::uint8_t, 4> kZeros{};
  const std::uint32_t found = crc(crc(crc(0, bytes.first(22)), kZeros), bytes.subspan(26, page.bytes - 26));
  if (found != read_le(bytes.subspan(22, 4))) return fail(Cause::malformed, "the CRC of an Ogg page");
  page.continues = (bytes[5] & 1u) != 0;
  page.first = (bytes[5] & 2u) != 0;
  page.last = (bytes[5] & 4u) != 0;
  page.granule = read_le(bytes.subspan(6, 8));
  page.serial = static_cast<std::uint32_t>(read_le(bytes.subspan(14, 4)));
  return page;
}

OggPackets::OggPackets(Source& source) : source_(source), buffer_(OggPage::kMost) {}

Result<bool> OggPackets::next_page() {
  if (offset_ >= source_.size()) return false;
  if (++pages_ > limits::kOggPages) return fail(Cause::too_large, "Ogg pages");
  PIGEOND_TRY(const std::size_t head, source_.read(offset_, MutableView(buffer_).first(kHead + 255)));
  std::size_t wanted = kHead;
  if (head >= kHead) {
    const std::size_t lengths = std::min<std::size_t>(buffer_[26], head - kHead);
    wanted = std::accumulate(buffer_.begin() + kHead,
                             buffer_.begin() + kHead + static_cast<std::ptrdiff_t>(lengths), kHead + lengths);
  }
  std::size_t there = head;
  if (wanted > head) {
    PIGEOND_TRY(const std::size_t more,
                source_.read(offset_ + head, MutableView(buffer_).subspan(head, wanted - head)));
    there += more;
  }
  const bool cut = there < wanted || head < kHead;
  if (cut && stands_at(ByteView(buffer_).first(there), 0, std::string_view("OggS").substr(0, there)))
    return false;
  auto page = ogg_page(ByteView(buffer_).first(there));
  if (!page) return page.error();
  if (pages_ > 1 && (page->first || page->serial != page_.serial))
    return fail(Cause::unsupported, "more than one Ogg stream");
  page_ = *page;
  offset_ += page_.bytes;
  length_ = content_ = 0;
  return true;
}

Result<std::optional<OggPacket>> OggPackets::next() {
  if (!begun_) {
    packet_.clear();
    whole_ = true;
  }
  for (;;) {
    if (length_ == page_.lengths.size()) {
      PIGEOND_TRY(const bool there, next_page());
      if (!there) return std::optional<OggPacket>();
      if (!page_.continues && begun_) {  // its end is lost
        packet_.clear();
        whole_ = true;
        begun_ = false;
      }
      if (page_.continues && !begun_) {  // its beginning is lost
        while (length_ < page_.lengths.size()) {
          const std::uint8_t length = page_.lengths[length_++];
          content_ += length;
          if (length < 255) break;
        }
      }
      continue;
    }
    const std::size_t length = page_.lengths[length_++];
    const ByteView piece = page_.content.subspan(content_, length);
    content_ += length;
    begun_ = length == 255;
    if (packet_.size() + length <= limits::kOggPacket) {
      packet_.insert(packet_.end(), piece.begin(), piece.end());
    } else {
      whole_ = false;
    }
    if (begun_) continue;
    // Where the page's last packet goes on in the next one, the one before it is the last that ends here.
    const ByteView rest = page_.lengths.subspan(length_);
    const bool ends_page =
        std::all_of(rest.begin(), rest.end(), [](std::uint8_t each) { return each == 255; });
    return std::optional(OggPacket{packet_, whole_, ends_page, page_.granule, page_.last});
  }
}

}  // namespace pigeond::media
