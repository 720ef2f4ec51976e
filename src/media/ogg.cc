#include "media/ogg.h"

#include <opus.h>

#include <algorithm>

#include "media/ogg_pages.h"
#include "media/window.h"

namespace pigeond::media {
namespace {

constexpr unsigned kOpusRate = 48000;

// 0 "OpusHead" | 8 version 1, of which the upper half must be 0 | 9 channels 1 | 10 pre-skip 2 | 12 rate
// before it was encoded 4 | 16 gain 2 | 18 mapping family 1 | 19 with another family than 0: its table
Result<Ogg> opus_head(ByteView head) {
  if (head.size() < 19) return fail(Cause::malformed, "OpusHead");
  if ((head[8] & 0xF0u) != 0) return fail(Cause::unsupported, "a later version of OpusHead");
  Ogg ogg{OggCodec::opus, head[9], kOpusRate, static_cast<unsigned>(read_le(head.subspan(10, 2))),
          head[18] == 0};
  if (ogg.channels == 0 || (ogg.plain_channels && ogg.channels > 2))
    return fail(Cause::malformed, "OpusHead");
  return ogg;
}

// 0 0x01 | 1 "vorbis" | 7 version 4 | 11 channels 1 | 12 samples a second 4 | and more
Result<Ogg> vorbis_head(ByteView head) {
  if (head.size() < 30) return fail(Cause::malformed, "the head of Vorbis");
  const Ogg ogg{OggCodec::vorbis, head[11], static_cast<unsigned>(read_le(head.subspan(12, 4)))};
  if (ogg.channels == 0 || ogg.rate == 0) return fail(Cause::malformed, "the head of Vorbis");
  return ogg;
}

// A recording that was cut out of a longer one keeps its positions: the first page's less the samples that
// end in it (RFC 7845, section 4.3). The last page may have a position before its end, so with a single one
// nothing is known.
Result<std::uint64_t> first_position(OggPackets& packets) {
  PIGEOND_TRY(const auto tags, packets.next());
  if (!tags) return fail(Cause::malformed, "no sound");
  std::uint64_t samples = 0;
  for (;;) {
    PIGEOND_TRY(const auto packet, packets.next());
    if (!packet) return std::uint64_t{0};
    const ByteView content = packet->content;
    const int count =
        content.empty() ? OPUS_INVALID_PACKET
                        : opus_packet_get_nb_samples(content.data(), static_cast<opus_int32>(content.size()),
                                                     static_cast<opus_int32>(kOpusRate));
    if (count <= 0) return fail(Cause::malformed, "a packet that is not Opus");
    samples += static_cast<std::uint64_t>(count);
    if (!packet->ends_page) continue;
    if (packet->last_page || packet->granule == OggPage::kNoGranule || packet->granule < samples)
      return std::uint64_t{0};
    return packet->granule - samples;
  }
}

struct End {
  std::uint64_t position = 0;
  bool ended = false;
};

// The last page that is whole, and the last position. The last whole page begins within two pages of the
// file's end; what only looks like the beginning of a page is tried a few times, as each try is a CRC of 64
// KB.
Result<End> last_position(Source& source) {
  constexpr int kTries = 64;
  Bytes tail(std::min<std::uint64_t>(source.size(), 2 * OggPage::kMost));
  PIGEOND_TRY(const std::size_t there, source.read(source.size() - tail.size(), tail));
  tail.resize(there);
  End end;
  bool found = false;
  std::size_t from = std::string_view::npos;
  for (int tries = 0; tries < kTries; ++tries) {
    const std::size_t at = as_text(tail).rfind("OggS", from);
    if (at == std::string_view::npos) break;
    if (const auto page = ogg_page(ByteView(tail).subspan(at))) {
      if (!found) end.ended = page->last && at + page->bytes == tail.size();
      found = true;
      end.position = page->granule;
      if (page->granule != OggPage::kNoGranule) return end;
    }
    if (at == 0) break;
    from = at - 1;
  }
  return fail(Cause::malformed, "no page of sound at the end");
}

}  // namespace

Result<Ogg> read_ogg(Source& source) {
  OggPackets packets(source);
  PIGEOND_TRY(const auto first, packets.next());
  if (!first) return fail(Cause::malformed, "the file ends too early");
  Ogg ogg;
  std::uint64_t start = 0;
  if (stands_at(first->content, 0, "OpusHead")) {
    PIGEOND_TRY(ogg, opus_head(first->content));
    PIGEOND_TRY(start, first_position(packets));
    start += ogg.pre_skip;
  } else if (stands_at(first->content, 0, "\x01vorbis")) {
    PIGEOND_TRY(ogg, vorbis_head(first->content));
  } else {
    return ogg;
  }
  PIGEOND_TRY(const End end, last_position(source));
  ogg.samples = end.position - std::min(end.position, start);
  ogg.ended = end.ended;
  return ogg;
}

}  // namespace pigeond::media
