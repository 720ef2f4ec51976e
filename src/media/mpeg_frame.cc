#include "media/mpeg_frame.h"

namespace pigeond::media {
namespace {

constexpr unsigned kAdtsRates[13] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                     22050, 16000, 12000, 11025, 8000,  7350};
// kbit/s of layer III; 0: "free", which no player of a phone knows
constexpr unsigned kRates1[15] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr unsigned kRates2[15] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr unsigned kSampleRates[3] = {44100, 48000, 32000};

// bits: 12 set | 1 version | 2 layer, 0 | 1 no CRC | 2 profile | 4 rate | 1 private | 3 channels | 4 others |
//       13 length of the frame with its head | 11 buffer | 2 blocks less one
std::optional<MpegFrame> adts_frame(ByteView head) {
  const unsigned rate = head[2] >> 2 & 0xFu;
  const std::size_t bytes = (head[3] & 3u) << 11 | head[4] << 3 | head[5] >> 5;
  if (rate >= 13 || bytes < kMpegFrameHead) return std::nullopt;
  return MpegFrame{true, kAdtsRates[rate], ((head[6] & 3u) + 1) * 1024, bytes, head[1] & 0xFEu};
}

// bits: 11 set | 2 version: 3 is 1, 2 is 2, 0 is 2.5 | 2 layer: 1 is III | 1 no CRC | 4 bit rate | 2 sample
// rate |
//       1 one byte more | 1 private | 8 others
std::optional<MpegFrame> mp3_frame(ByteView head) {
  const unsigned version = head[1] >> 3 & 3u, layer = head[1] >> 1 & 3u;
  const unsigned bits = head[2] >> 4, rate = head[2] >> 2 & 3u;
  if (version == 1 || layer != 1 || bits == 0 || bits == 15 || rate == 3) return std::nullopt;
  const unsigned kbits = version == 3 ? kRates1[bits] : kRates2[bits];
  const unsigned samples = version == 3 ? 1152 : 576;
  const unsigned sample_rate = kSampleRates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  const std::size_t bytes = samples / 8 * kbits * 1000 / sample_rate + (head[2] >> 1 & 1u);
  return MpegFrame{false, sample_rate, samples, bytes, head[1] & 0xFEu};
}

}  // namespace

std::optional<MpegFrame> mpeg_frame(ByteView bytes) {
  if (bytes.size() < kMpegFrameHead || bytes[0] != 0xFF || (bytes[1] & 0xE0u) != 0xE0u) return std::nullopt;
  if ((bytes[1] & 0xF6u) == 0xF0u) return adts_frame(bytes);
  return mp3_frame(bytes);
}

// 0 "ID3" | 3 version 2 | 5 flags 1 | 6 size without these ten bytes, four times 7 bits; flag 0x10: ten bytes
// more at the end (ID3v2.4, section 3.1)
std::uint64_t id3_bytes(ByteView head) {
  if (head.size() < 10 || !as_text(head).starts_with("ID3")) return 0;
  std::uint64_t size = 0;
  for (std::size_t i = 6; i < 10; ++i) size = size << 7 | (head[i] & 0x7Fu);
  return size + ((head[5] & 0x10u) != 0 ? 20 : 10);
}

}  // namespace pigeond::media
