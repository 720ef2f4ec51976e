#include "media/waveform.h"

#include <opus.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/limits.h"
#include "media/ogg.h"
#include "media/ogg_pages.h"

namespace pigeond::media {
namespace {

// A third of Opus' own: what is above 8 kHz adds little to a mean, and the rest is decoded in less time.
constexpr std::uint64_t kRate = 16000;
constexpr std::size_t kLongestPacket = kRate * 120 / 1000;  // samples (RFC 6716: 120 ms)

struct Destroy {
  void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

// Sums of blocks of the same length.
class Blocks {
 public:
  explicit Blocks(std::uint64_t samples)
      : length_(std::max<std::uint64_t>(samples / kCount, 1)), wanted_(std::min(samples, length_ * kCount)) {}

  bool full() const { return at_ == wanted_; }
  void add(float sample) {
    if (full()) return;
    // What was made by hand may decode to no number at all.
    if (std::isfinite(sample)) sums_[at_ / length_] += std::fabs(static_cast<double>(sample));
    ++at_;
  }

  Waveform scaled() const {
    Waveform out{};
    const double largest = *std::max_element(sums_.begin(), sums_.end());
    if (!(largest > 0)) return out;
    for (std::size_t i = 0; i < kCount; ++i)
      out[i] = static_cast<std::uint8_t>(std::floor(100 * (sums_[i] / largest)));
    return out;
  }

 private:
  static constexpr std::size_t kCount = std::tuple_size_v<Waveform>;
  std::uint64_t length_, wanted_, at_ = 0;
  std::array<double, kCount> sums_{};
};

}  // namespace

Result<Waveform> waveform(Source& source) {
  PIGEOND_TRY(const Ogg ogg, read_ogg(source));
  if (ogg.codec != OggCodec::opus || !ogg.plain_channels)
    return fail(Cause::unsupported, "no Ogg Opus of a voice");
  const std::unique_ptr<OpusDecoder, Destroy> decoder(
      opus_decoder_create(static_cast<opus_int32>(kRate), static_cast<int>(ogg.channels), nullptr));
  if (!decoder) return fail(Cause::internal, "an Opus decoder");
  Blocks blocks(std::min<std::uint64_t>(ogg.samples * kRate / ogg.rate, limits::kWaveformSeconds * kRate));
  std::uint64_t skipped = ogg.pre_skip * kRate / ogg.rate;  // that are still to be thrown away
  std::vector<float> samples(kLongestPacket * ogg.channels);

  OggPackets packets(source);
  for (std::size_t number = 0; !blocks.full(); ++number) {
    PIGEOND_TRY(const auto packet, packets.next());
    if (!packet) break;
    if (number < 2) continue;  // OpusHead and OpusTags
    // Without content libopus would make up what is missing, and without end.
    if (!packet->whole || packet->content.empty()) return fail(Cause::malformed, "a packet that is not Opus");
    const int count = opus_decode_float(decoder.get(), packet->content.data(),
                                        static_cast<opus_int32>(packet->content.size()), samples.data(),
                                        static_cast<int>(kLongestPacket), 0);
    if (count <= 0) return fail(Cause::malformed, "a packet that is not Opus", count);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (skipped > 0) {
        --skipped;
      } else {
        blocks.add(samples[i * ogg.channels]);
      }
    }
  }
  return blocks.scaled();
}

}  // namespace pigeond::media
