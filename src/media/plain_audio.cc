#include "media/plain_audio.h"

#include <algorithm>

#include "base/limits.h"
#include "media/mpeg_frame.h"
#include "media/window.h"

namespace pigeond::media {
namespace {

constexpr std::size_t kFramesToJudgeBy = 256;

// `samples` up to 2^45 or so: of files that exist.
Millis in_millis(std::uint64_t samples, std::uint64_t rate) {
  return static_cast<Millis>(samples / rate * 1000 + samples % rate * 1000 / rate);
}

// Filling may stand between a tag and the first frame.
Result<std::uint64_t> first_frame(Window& window) {
  PIGEOND_TRY(const ByteView head, window.up_to(0, 10));
  const std::uint64_t start = id3_bytes(head);
  PIGEOND_TRY(const ByteView bytes, window.up_to(start, Window::kSize));
  for (std::size_t at = 0; at + kMpegFrameHead <= bytes.size(); ++at)
    if (mpeg_frame(bytes.subspan(at))) return start + at;
  return fail(Cause::malformed, "no frame of sound");
}

// In the first frame, where sound would be: behind the head and, of MP3, 9 to 32 bytes
//   "Xing" or "Info" | 4 flags 4, 1: the count is there | 8 frames 4
//   "VBRI" | 4 version, delay and quality 6 | 10 bytes 4 | 14 frames 4
// 0: none
std::uint64_t told_frames(ByteView frame) {
  const std::string_view text = as_text(frame);
  for (const auto name : {"Xing", "Info"}) {
    const std::size_t at = text.find(name);
    if (at != std::string_view::npos && frame.size() >= at + 12 && (frame[at + 7] & 1u) != 0)
      return read_be(frame.subspan(at + 8, 4));
  }
  const std::size_t at = text.find("VBRI");
  return at != std::string_view::npos && frame.size() >= at + 18 ? read_be(frame.subspan(at + 14, 4)) : 0;
}

Result<Millis> of_frames(Window& window) {
  PIGEOND_TRY(const std::uint64_t start, first_frame(window));
  PIGEOND_TRY(const ByteView bytes, window.up_to(start, 256));
  const auto first = mpeg_frame(bytes);
  if (!first) return fail(Cause::malformed, "no frame of sound");
  if (!first->adts) {
    const std::uint64_t frames = told_frames(bytes);
    if (frames != 0) return in_millis(frames * first->samples, first->rate);
  }
  std::uint64_t at = start, samples = 0;
  for (std::size_t i = 0; i < kFramesToJudgeBy; ++i) {
    PIGEOND_TRY(const ByteView head, window.up_to(at, kMpegFrameHead));
    const auto frame = mpeg_frame(head);
    if (!frame || !first->same_stream(*frame) || frame->bytes > window.size() - at) break;
    at += frame->bytes;
    samples += frame->samples;
  }
  if (samples == 0) return fail(Cause::malformed, "the file ends too early");
  const double all = static_cast<double>(window.size() - start) / static_cast<double>(at - start);
  return static_cast<Millis>(static_cast<double>(samples) * all * 1000 / first->rate);
}

// chunk: 0 type 4 | 4 length 4 | 8 content | a byte more if the length is odd
// "fmt ": 0 format 2 | 2 channels 2 | 4 samples a second 4 | 8 bytes a second 4 | and more; "data": the sound
Result<Millis> of_wav(Window& window) {
  std::uint64_t at = 12, rate = 0;
  for (std::size_t steps = 0; steps < limits::kImageChunks; ++steps) {
    PIGEOND_TRY(ByteView bytes, window.at(at, 8));
    const std::uint64_t length = read_le(bytes.subspan(4));
    const bool format = stands_at(bytes, 0, "fmt "), data = stands_at(bytes, 0, "data");
    if (format) {
      PIGEOND_TRY(bytes, window.at(at + 8, 16));
      rate = read_le(bytes.subspan(8, 4));
      if (length < 16 || rate == 0) return fail(Cause::malformed, "the format of a WAV");
    }
    if (data) {
      if (rate == 0) return fail(Cause::malformed, "sound before its format");
      // Who writes into a pipe doesn't know the length, and leaves ones or zeros there.
      const std::uint64_t room = window.size() - std::min(window.size(), at + 8);
      const bool unknown = length == 0 || length >= 0xFFFFFF00u;
      if (!unknown && length > room) return fail(Cause::malformed, "the file ends too early");
      return in_millis(unknown ? room : length, rate);
    }
    at += 8 + length + length % 2;
  }
  return fail(Cause::too_large, "chunks before the sound");
}

// Behind the first line frames of 20 ms: 0 bits: 1 zero | 4 kind | 1 whole | 2 zero; then the bytes of that
// kind
Result<Millis> of_amr(Window& window) {
  constexpr unsigned kNarrow[16] = {12, 13, 15, 17, 19, 20, 26, 31, 5};
  constexpr unsigned kWide[16] = {17, 23, 32, 36, 40, 46, 50, 58, 60, 5};
  PIGEOND_TRY(const ByteView head, window.at(0, 6));
  const bool wide = stands_at(head, 0, "#!AMR-");
  std::uint64_t at = wide ? 9 : 6;
  Millis millis = 0;
  for (std::size_t frames = 0; at < window.size(); ++frames) {
    if (frames >= limits::kAudioFrames) return fail(Cause::too_large, "frames of sound");
    PIGEOND_TRY(const ByteView frame, window.at(at, 1));
    if ((frame[0] & 0x83u) != 0) return fail(Cause::malformed, "a frame of AMR");
    at += 1u + (wide ? kWide : kNarrow)[frame[0] >> 3 & 0xFu];
    millis += 20;
  }
  if (at != window.size()) return fail(Cause::malformed, "the file ends too early");
  return millis;
}

}  // namespace

Result<Millis> sound_duration(Source& source, Format format) {
  Window window(source);
  switch (format) {
    case Format::mp3:
    case Format::adts:
      return of_frames(window);
    case Format::wav:
      return of_wav(window);
    case Format::amr:
      return of_amr(window);
    default:
      return fail(Cause::unsupported, "no sound whose length is known");
  }
}

}  // namespace pigeond::media
