#include "media/mp4.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "media/window.h"

namespace pigeond::media {
namespace {

// box: 0 size with this head 4 | 4 type 4 | if the size is 1: 8 size 8 | content; a size of 0: to the end of
// the file
struct Box {
  std::uint32_t type = 0;
  std::uint64_t start = 0, content = 0, end = 0;  // offsets in the file
};

constexpr std::uint32_t named(const char (&name)[5]) {
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8 | static_cast<std::uint8_t>(name[i]);
  return type;
}

class Reader {
 public:
  explicit Reader(Source& source) : window_(source) {}

  Result<Mp4> read();

 private:
  // Boxes stand in boxes, and here each level is a function of its own: what is nested deeper isn't looked
  // into.
  template <typename Visit>
  Status each_box(std::uint64_t start, std::uint64_t end, Visit visit);
  Result<Box> box_at(std::uint64_t offset, std::uint64_t end);

  Status top_level(const Box& box);
  Status movie(const Box& box);
  Status movie_header(const Box& box);
  Status fragments(const Box& box);
  Status track(const Box& box);
  Status track_header(const Box& box);

  struct Track {
    std::uint32_t width = 0, height = 0, handler = 0;
  };

  Window window_;
  std::size_t boxes_ = 0, tracks_ = 0;
  bool seen_moov_ = false, seen_mdat_ = false;
  std::uint64_t timescale_ = 0, ticks_ = 0;
  Track track_;
  Mp4 mp4_;
};

Result<Box> Reader::box_at(std::uint64_t offset, std::uint64_t end) {
  if (++boxes_ > limits::kMp4Boxes) return fail(Cause::too_large, "boxes");
  PIGEOND_TRY(ByteView head, window_.at(offset, 8));
  Box box{static_cast<std::uint32_t>(read_be(head.subspan(4, 4))), offset, offset + 8, 0};
  std::uint64_t size = read_be(head.first(4));
  if (size == 1) {
    PIGEOND_TRY(head, window_.at(offset, 16));
    size = read_be(head.subspan(8));
    box.content = offset + 16;
  } else if (size == 0) {
    size = end - offset;
  }
  if (box.content > end || size < box.content - offset)
    return fail(Cause::malformed, "a box without room for its head");
  if (size > end - offset) return fail(Cause::malformed, "a box ends behind what it is in");
  box.end = offset + size;
  return box;
}

template <typename Visit>
Status Reader::each_box(std::uint64_t start, std::uint64_t end, Visit visit) {
  // QuickTime ends some lists with four zero bytes, and some writers fill up a file.
  while (end - start >= 8) {
    PIGEOND_TRY(const Box box, box_at(start, end));
    PIGEOND_CHECK(visit(box));
    start = box.end;
  }
  return {};
}

Status Reader::top_level(const Box& box) {
  if (box.type == named("mdat")) seen_mdat_ = true;
  if (box.type != named("moov")) return {};
  if (seen_moov_) return fail(Cause::malformed, "two tables of contents");
  seen_moov_ = true;
  mp4_.moov_first = !seen_mdat_;
  return movie(box);
}

Status Reader::movie(const Box& moov) {
  return each_box(moov.content, moov.end, [this](const Box& box) -> Status {
    if (box.type == named("mvhd")) return movie_header(box);
    if (box.type == named("trak")) return track(box);
    if (box.type == named("mvex")) return fragments(box);
    return {};
  });
}

// mvhd, version 0: 0 version 1 | 1 flags 3 | 4 made 4 | 8 changed 4 | 12 ticks a second 4 | 16 duration in
// ticks 4
//       version 1: 0 version 1 | 1 flags 3 | 4 made 8 | 12 changed 8 | 20 ticks a second 4 | 24 duration in
//       ticks 8
// A duration of ones only: unknown.
Status Reader::movie_header(const Box& box) {
  PIGEOND_TRY(ByteView bytes, window_.at(box.content, 20));
  const bool wide = bytes[0] == 1;
  const std::size_t size = wide ? 32 : 20;
  if (box.end - box.content < size) return fail(Cause::malformed, "mvhd");
  PIGEOND_TRY(bytes, window_.at(box.content, size));
  timescale_ = read_be(bytes.subspan(wide ? 20 : 12, 4));
  if (timescale_ == 0) return fail(Cause::malformed, "a time scale of 0");
  ticks_ = read_be(wide ? bytes.subspan(24, 8) : bytes.subspan(16, 4));
  if (ticks_ == (wide ? ~std::uint64_t{0} : 0xFFFFFFFFu)) ticks_ = 0;
  return {};
}

// mvex: what a file in fragments has. mehd: 0 version 1 | 1 flags 3 | 4 duration in mvhd's ticks, 4 or in
// version 1 8
Status Reader::fragments(const Box& mvex) {
  return each_box(mvex.content, mvex.end, [this](const Box& box) -> Status {
    if (box.type != named("mehd") || ticks_ != 0) return {};
    PIGEOND_TRY(ByteView bytes, window_.at(box.content, 8));
    const std::size_t size = bytes[0] == 1 ? 12 : 8;
    if (box.end - box.content < size) return fail(Cause::malformed, "mehd");
    PIGEOND_TRY(bytes, window_.at(box.content, size));
    ticks_ = read_be(bytes.subspan(4));
    return {};
  });
}

// hdlr, in trak's mdia: 0 version 1 | 1 flags 3 | 4 zero 4 | 8 what the track is: "vide", "soun" or another 4
Status Reader::track(const Box& trak) {
  if (++tracks_ > limits::kMp4Tracks) return fail(Cause::too_large, "tracks");
  track_ = {};
  PIGEOND_CHECK(each_box(trak.content, trak.end, [this](const Box& box) -> Status {
    if (box.type == named("tkhd")) return track_header(box);
    if (box.type != named("mdia")) return {};
    return each_box(box.content, box.end, [this](const Box& inner) -> Status {
      if (inner.type != named("hdlr")) return {};
      if (inner.end - inner.content < 12) return fail(Cause::malformed, "hdlr");
      PIGEOND_TRY(const ByteView bytes, window_.at(inner.content + 8, 4));
      track_.handler = static_cast<std::uint32_t>(read_be(bytes));
      return {};
    });
  }));
  if (track_.handler == named("soun")) mp4_.has_audio = true;
  if (track_.handler != named("vide") || mp4_.has_video) return {};
  mp4_.has_video = true;
  mp4_.width = track_.width;
  mp4_.height = track_.height;
  return {};
}

// tkhd, version 0: 0 version 1 | 1 flags 3 | 4 times, number, duration 20 | 24 zero, layer and such 16 |
//                  40 matrix a b u c d v x y w, 4 each | 76 width 4 | 80 height 4, both 16.16; version 1: 12
//                  more at 4
// A quarter turn has a and d of 0: then what is shown is as wide as the picture is high.
Status Reader::track_header(const Box& box) {
  PIGEOND_TRY(ByteView bytes, window_.at(box.content, 84));
  const std::size_t more = bytes[0] == 1 ? 12 : 0;
  if (box.end - box.content < 84 + more) return fail(Cause::malformed, "tkhd");
  PIGEOND_TRY(bytes, window_.at(box.content, 84 + more));
  const auto word = [&](std::size_t at) {
    return static_cast<std::uint32_t>(read_be(bytes.subspan(at + more, 4)));
  };
  track_.width = word(76) >> 16;
  track_.height = word(80) >> 16;
  const bool turned = word(40) == 0 && word(56) == 0 && word(44) != 0 && word(52) != 0;
  if (turned) std::swap(track_.width, track_.height);
  return {};
}

Result<Mp4> Reader::read() {
  PIGEOND_CHECK(each_box(0, window_.size(), [this](const Box& box) { return top_level(box); }));
  if (!seen_moov_) return fail(Cause::malformed, "no table of contents");
  if (timescale_ == 0) return fail(Cause::malformed, "no mvhd");
  // In floating point: milliseconds of 64 bits of ticks are more than 64 bits. 2^53 ms are enough for
  // anything.
  const double millis = std::round(static_cast<double>(ticks_) * 1000 / static_cast<double>(timescale_));
  mp4_.duration = static_cast<Millis>(std::min(millis, 9007199254740992.0));
  return mp4_;
}

}  // namespace

Result<Mp4> read_mp4(Source& source) {
  return Reader(source).read();
}

}  // namespace pigeond::media
