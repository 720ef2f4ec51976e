#include "media/source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "unit/media/samples.h"

namespace pigeond::media {
namespace {

TEST(Source, AFileAndItsBytesReadAlike) {
  const std::string path = std::string(PIGEOND_TEST_DATA) + "/media/baseline.jpg";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  auto file = FdSource::of(fd);
  ASSERT_TRUE(file);
  const Bytes bytes = test::sample("baseline.jpg");
  MemorySource memory(bytes);
  ASSERT_EQ(file->size(), memory.size());
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{600}, memory.size(), ~std::uint64_t{0}}) {
    Bytes one(100), other(100);
    const auto from_file = file->read(offset, one), from_memory = memory.read(offset, other);
    ASSERT_TRUE(from_file && from_memory);
    EXPECT_EQ(*from_file, *from_memory) << offset;
    EXPECT_EQ(one, other) << offset;
  }
  ::close(fd);
}

TEST(Source, APipeIsNoFile) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(FdSource::of(ends[0]).cause(), Cause::bad_input);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(FdSource::of(-1).cause(), Cause::io);
}

}  // namespace
}  // namespace pigeond::media
