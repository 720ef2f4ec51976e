#include "media/sniff.h"

#include <algorithm>
#include <array>

#include "media/mpeg_frame.h"
#include "media/window.h"

namespace pigeond::media {
namespace {

struct Magic {
  std::string_view text;
  Type type;
};

using namespace std::string_view_literals;

constexpr Magic kMagics[] = {
    {"\xFF\xD8\xFF"sv, {Format::jpeg, "image/jpeg", Family::image}},
    {"\x89PNG\r\n\x1A\n"sv, {Format::png, "image/png", Family::image}},
    {"GIF87a"sv, {Format::gif, "image/gif", Family::image}},
    {"GIF89a"sv, {Format::gif, "image/gif", Family::image}},
    {"#!AMR\n"sv, {Format::amr, "audio/amr", Family::audio}},
    {"#!AMR-WB\n"sv, {Format::amr, "audio/amr-wb", Family::audio}},
    {"%PDF-"sv, {Format::pdf, "application/pdf", Family::document}},
    {"PK\x03\x04"sv, {Format::zip, "application/zip", Family::document}},
    {"PK\x05\x06"sv, {Format::zip, "application/zip", Family::document}},  // with nothing in it
};

// ftyp: 0 size 4 | 4 "ftyp" | 8 major brand 4 | 12 its version 4 | 16 compatible brands, 4 each
Type of_brand(ByteView head) {
  const std::string_view brand = as_text(head.subspan(8, 4));
  if (brand == "qt  ") return {Format::mp4, "video/quicktime", Family::video};
  if (brand.starts_with("3g")) return {Format::mp4, "video/3gpp", Family::video};
  if (brand == "M4A " || brand == "M4B " || brand == "F4A ") return {Format::mp4, "audio/mp4", Family::audio};
  for (const auto each : {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"})
    if (brand == each) return {Format::heif, "image/heic", Family::document};
  if (brand == "avif" || brand == "avis") return {Format::heif, "image/avif", Family::document};
  return {Format::mp4, "video/mp4", Family::video};
}

// A page begins with 27 bytes, the last of them the number of lengths that follow (media/ogg_pages.h).
Type of_ogg(ByteView head) {
  if (head.size() > 27 && stands_at(head, 27u + head[26], "OpusHead"))
    return {Format::ogg, "audio/ogg; codecs=opus", Family::audio};
  return {Format::ogg, "audio/ogg", Family::audio};
}

// Two frames that follow each other, or one that is the whole file: eleven set bits alone are in many files.
Type of_frames(ByteView bytes, bool to_the_end) {
  const auto first = mpeg_frame(bytes);
  if (!first) return {};
  const bool alone = to_the_end && bytes.size() == first->bytes;
  if (!alone) {
    if (bytes.size() < first->bytes) return {};
    const auto second = mpeg_frame(bytes.subspan(first->bytes));
    if (!second || !first->same_stream(*second)) return {};
  }
  if (first->adts) return {Format::adts, "audio/aac", Family::audio};
  return {Format::mp3, "audio/mpeg", Family::audio};
}

}  // namespace

Result<Type> sniff(Source& source) {
  Window window(source);
  PIGEOND_TRY(const ByteView head, window.up_to(0, Window::kSize));
  for (const auto& magic : kMagics)
    if (stands_at(head, 0, magic.text)) return magic.type;
  if (stands_at(head, 0, "RIFF") && stands_at(head, 8, "WEBP"))
    return Type{Format::webp, "image/webp", Family::image};
  if (stands_at(head, 0, "RIFF") && stands_at(head, 8, "WAVE"))
    return Type{Format::wav, "audio/wav", Family::audio};
  if (stands_at(head, 0, "OggS")) return of_ogg(head);
  if (stands_at(head, 4, "ftyp") && head.size() >= 12) return of_brand(head);
  for (const auto box : {"moov", "mdat", "wide"})  // QuickTime before there was ftyp
    if (stands_at(head, 4, box)) return Type{Format::mp4, "video/quicktime", Family::video};

  const std::uint64_t tag = id3_bytes(head);
  PIGEOND_TRY(const ByteView frames, window.up_to(tag, Window::kSize));
  Type type = of_frames(frames, source.size() - std::min(source.size(), tag) == frames.size());
  // Of what carries an ID3 tag, all but some AAC is MP3; filling may stand before its first frame.
  if (type.format == Format::unknown && tag != 0) type = {Format::mp3, "audio/mpeg", Family::audio};
  return type;
}

}  // namespace pigeond::media
