// Any bytes as a voice note: a refusal, or values of up to 100, one of which is 100 where anything is heard.
// A fuzzer finds no CRC: each page's is put in its place first.
#include <algorithm>
#include <cstdlib>

#include "media/ogg_pages.h"
#include "media/waveform.h"

namespace {

std::uint32_t crc_of(pigeond::ByteView bytes) {
  std::uint32_t value = 0;
  for (const auto byte : bytes) {
    value ^= std::uint32_t{byte} << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value >> 31) != 0 ? 0x04C11DB7u : 0u);
  }
  return value;
}

void put_right(pigeond::Bytes& file) {
  std::size_t at = 0;
  while (file.size() - at >= 27) {
    const std::size_t lengths = file[at + 26];
    if (file.size() - at < 27 + lengths) return;
    std::size_t size = 27 + lengths;
    for (std::size_t i = 0; i < lengths; ++i) size += file[at + 27 + i];
    if (file.size() - at < size) return;
    std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at + 22), 4, std::uint8_t{0});
    const std::uint32_t crc = crc_of(pigeond::ByteView(file).subspan(at, size));
    for (std::size_t i = 0; i < 4; ++i) file[at + 22 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
    at += size;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  Bytes file(data, data + size);
  put_right(file);
  media::MemorySource source(file);
  const auto wave = media::waveform(source);
  if (!wave) return 0;
  const auto largest = *std::max_element(wave->begin(), wave->end());
  if (largest != 0 && largest != 100) std::abort();
  return 0;
}
