// The pages of an Ogg file (RFC 3533), and the packets that are laid over them.
#pragma once

#include <optional>

#include "media/source.h"

namespace pigeond::media {

// page: 0 "OggS" | 4 version 0 1 | 5 flags 1: 1 continues a packet, 2 first of its stream, 4 last | 6 granule
// position 8 |
//       14 serial number of the stream 4 | 18 number of the page 4 | 22 CRC 4 | 26 lengths 1 | 27 that many,
//       1 each | the content, as long as their sum. All numbers are little-endian.
// A packet is the content of lengths of 255 and one that is less; it may go on in the next page.
struct OggPage {
  static constexpr std::size_t kMost = 27 + 255 + 255 * 255;      // bytes of a page
  static constexpr std::uint64_t kNoGranule = ~std::uint64_t{0};  // no packet ends in this page

  bool continues = false, first = false, last = false;
  std::uint64_t granule = kNoGranule;
  std::uint32_t serial = 0;
  ByteView lengths, content;  // in what it was read from
  std::size_t bytes = 0;      // of all of it
};

// The page at the beginning of `bytes`. malformed: there is none, it ends behind them, or its CRC is another.
Result<OggPage> ogg_page(ByteView bytes);

struct OggPacket {
  ByteView content;   // valid until the next call
  bool whole = true;  // false: longer than base/limits.h has it, and only its beginning is here
  bool ends_page = false;
  std::uint64_t granule = OggPage::kNoGranule;  // of the page in which it ends
  bool last_page = false;
};

// The packets of the only stream of a file, in their order. Keeps one page and one packet.
class OggPackets {
 public:
  explicit OggPackets(Source& source);
  // nullopt: the file is at its end, or cut. malformed: what is there is no page, or damaged. unsupported: a
  // page of another stream. too_large: more pages than base/limits.h allows. io.
  Result<std::optional<OggPacket>> next();

 private:
  Result<bool> next_page();

  Source& source_;
  std::uint64_t offset_ = 0;  // of the next page
  std::size_t pages_ = 0;
  Bytes buffer_;  // the page
  OggPage page_;
  std::size_t length_ = 0, content_ = 0;  // how far the page is read
  Bytes packet_;
  bool begun_ = false;  // packet_ holds the beginning of a packet, even if that has no bytes
  bool whole_ = true;
};

}  // namespace pigeond::media
