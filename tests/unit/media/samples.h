// The files of tests/data/media, and bytes that are put together by hand.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "media/source.h"

namespace pigeond::test {

inline Bytes sample(const std::string& name) {
  std::ifstream file(std::string(PIGEOND_TEST_DATA) + "/media/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PIGEOND_TEST_DATA) + "/media"))
    if (entry.path().extension() != ".md") names.push_back(entry.path().filename().string());
  return names;
}

inline Bytes le_bytes(std::uint64_t value, unsigned width) {
  Bytes out;
  for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return out;
}

inline Bytes be_bytes(std::uint64_t value, unsigned width) {
  Bytes out;
  append_be(out, value, width);
  return out;
}

// A file that can't be read.
class BrokenSource : public media::Source {
 public:
  std::uint64_t size() const override { return 100000; }
  Result<std::size_t> read(std::uint64_t, media::MutableView) override { return fail(Cause::io, "the disk"); }
};

// Tells how much is asked for of a file that is larger than memory; what isn't written reads as zeros.
class HugeSource : public media::Source {
 public:
  HugeSource(Bytes head, std::uint64_t size) : head_(std::move(head)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, media::MutableView out) override {
    if (offset >= size_) return std::size_t{0};
    const std::size_t count = std::min<std::uint64_t>(out.size(), size_ - offset);
    for (std::size_t i = 0; i < count; ++i)
      out[i] = offset + i < head_.size() ? head_[static_cast<std::size_t>(offset + i)] : std::uint8_t{0};
    asked += count;
    return count;
  }
  std::uint64_t asked = 0;

 private:
  Bytes head_;
  std::uint64_t size_;
};

}  // namespace pigeond::test
