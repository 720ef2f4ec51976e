#include "media/facts.h"

#include <algorithm>
#include <limits>

#include "media/image_size.h"
#include "media/mp4.h"
#include "media/ogg.h"
#include "media/pdf.h"
#include "media/plain_audio.h"

namespace pigeond::media {
namespace {

std::uint32_t in_seconds(std::uint64_t millis) {
  if (millis == 0) return 0;
  const std::uint64_t rounded = (millis + 500) / 1000;
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(rounded, 1, std::numeric_limits<std::uint32_t>::max()));
}

Status see_image(Source& source, Facts& facts) {
  PIGEOND_TRY(const ImageSize size, image_size(source, facts.format));
  facts.width = size.width;
  facts.height = size.height;
  facts.animated = size.animated;
  facts.first_frame_bytes = size.first_frame_bytes;
  return {};
}

// What there is to be seen or heard decides, and not the brand: recorders call their sound MP4 as well.
Status see_mp4(Source& source, Facts& facts) {
  PIGEOND_TRY(const Mp4 mp4, read_mp4(source));
  facts.width = mp4.width;
  facts.height = mp4.height;
  facts.seconds = in_seconds(static_cast<std::uint64_t>(mp4.duration));
  facts.moov_first = mp4.moov_first;
  if (mp4.has_video) {
    facts.family = Family::video;
    if (facts.mimetype == "audio/mp4") facts.mimetype = "video/mp4";
  } else if (mp4.has_audio) {
    facts.family = Family::audio;
    facts.mimetype = facts.mimetype == "video/3gpp" ? "audio/3gpp" : "audio/mp4";
  } else {
    facts.family = Family::document;
  }
  return {};
}

Status see_ogg(Source& source, Facts& facts) {
  PIGEOND_TRY(const Ogg ogg, read_ogg(source));
  if (ogg.codec == OggCodec::other) {
    facts.mimetype = "application/ogg";
    facts.family = Family::document;
    return {};
  }
  facts.is_voice_note = ogg.codec == OggCodec::opus && ogg.plain_channels;
  const std::uint64_t seconds = ogg.samples / ogg.rate;
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  facts.seconds = in_seconds(std::min(seconds, kMost) * 1000 + ogg.samples % ogg.rate * 1000 / ogg.rate);
  if (!ogg.ended) facts.damaged = "the end of the sound is missing";
  return {};
}

Status see_inside(Source& source, Facts& facts) {
  switch (facts.format) {
    case Format::jpeg:
    case Format::png:
    case Format::gif:
    case Format::webp:
      return see_image(source, facts);
    case Format::mp4:
      return see_mp4(source, facts);
    case Format::ogg:
      return see_ogg(source, facts);
    case Format::mp3:
    case Format::adts:
    case Format::wav:
    case Format::amr: {
      PIGEOND_TRY(const Millis duration, sound_duration(source, facts.format));
      facts.seconds = in_seconds(static_cast<std::uint64_t>(duration));
      return {};
    }
    case Format::pdf: {
      PIGEOND_TRY(facts.pages, pdf_pages(source));
      return {};
    }
    case Format::heif:
    case Format::zip:
    case Format::unknown:
      break;
  }
  return {};
}

}  // namespace

Result<Facts> look_at(Source& source) {
  PIGEOND_TRY(const Type type, sniff(source));
  Facts facts;
  facts.format = type.format;
  facts.mimetype = type.mimetype;
  facts.family = type.family;
  const Status seen = see_inside(source, facts);
  if (!seen && seen.cause() == Cause::io) return seen.error();
  if (!seen) facts.damaged = seen.error().detail;
  return facts;
}

}  // namespace pigeond::media
