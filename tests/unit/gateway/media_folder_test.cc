// The folder of files: what is found in it, what goes, and what is left of what was never finished.
#include "gateway/media/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "unit/store/temporary.h"

namespace pigeond::gateway {
namespace {

class MediaFolderTest : public testing::Test {
 protected:
  MediaFolder folder(MediaLimits limits = {}) { return MediaFolder(path, Bytes(16, 7), limits); }
  static void keep(MediaFolder& in, const std::string& session, const std::string& name, std::size_t size,
                   Millis wall) {
    auto draft = in.draft();
    ASSERT_TRUE(draft) << draft.error().detail;
    ASSERT_TRUE((*draft)->append(Bytes(size, 'x')));
    const Status kept = in.keep(std::move(*draft), session, name, wall);
    ASSERT_TRUE(kept) << kept.error().detail;
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator(path))
      count += each.is_regular_file() ? 1 : 0;
    return count;
  }

  store::TemporaryFolder temporary;
  const std::string path = temporary.file("media");
};

TEST_F(MediaFolderTest, NothingIsThereBeforeItIsWholeAndNothingIsLeftOfWhatNeverWas) {
  auto media = folder();
  {
    auto draft = media.draft();
    ASSERT_TRUE(draft);
    ASSERT_TRUE((*draft)->append(Bytes(10, 'x')));
    EXPECT_FALSE(media.open("a", "name", 0));
  }
  EXPECT_EQ(files(), 0u);
  keep(media, "a", "name", 10, 0);
  const auto opened = media.open("a", "name", 0);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size, 10u);
  char read[20] = {};
  EXPECT_EQ(::pread(opened->fd->get(), read, sizeof read, 0), 10);
  EXPECT_EQ(read[9], 'x');
  EXPECT_FALSE(media.open("b", "name", 0)) << "of another session";
}

TEST_F(MediaFolderTest, NobodyElseMayLook) {
  auto media = folder();
  keep(media, "a", "name", 1, 0);
  for (const auto& each : std::filesystem::recursive_directory_iterator(path)) {
    struct stat about = {};
    ASSERT_EQ(::stat(each.path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 077, 0u) << each.path();
  }
}

TEST_F(MediaFolderTest, ANameCantBeGuessedAndIsAlwaysTheSame) {
  const auto media = folder();
  const auto name = media.name_of("a", "M1");
  EXPECT_EQ(name.size(), 32u);
  EXPECT_EQ(name, folder().name_of("a", "M1"));
  EXPECT_NE(name, media.name_of("b", "M1"));
  EXPECT_NE(name, media.name_of("a", "M2"));
  EXPECT_NE(name, MediaFolder(path, Bytes(16, 8), {}).name_of("a", "M1"));
}

TEST_F(MediaFolderTest, WhatNobodyWantedForLongGoesAndAUseIsCounted) {
  auto media = folder({kDay, 0});
  keep(media, "a", "old", 1, 0);
  keep(media, "a", "used", 1, 0);
  media.tidy(kDay - 1);
  EXPECT_EQ(files(), 2u);
  ASSERT_TRUE(media.open("a", "used", kDay - 1));
  media.tidy(kDay);
  EXPECT_FALSE(media.open("a", "old", kDay));
  EXPECT_TRUE(media.open("a", "used", kDay));
}

TEST_F(MediaFolderTest, OfTooMuchTheOldestGoesAtOnce) {
  auto media = folder({0, 1000});
  keep(media, "a", "first", 400, 1000);
  keep(media, "b", "second", 400, 2000);
  ASSERT_TRUE(media.open("a", "first", 3000));
  keep(media, "a", "third", 400, 4000);
  EXPECT_TRUE(media.open("a", "first", 5000));
  EXPECT_FALSE(media.open("b", "second", 5000));
  EXPECT_TRUE(media.open("a", "third", 5000));
}

TEST_F(MediaFolderTest, WhatAnEarlierProcessHasNotFinishedIsRemovedOnceAndDraftsOfThisOneStay) {
  std::filesystem::create_directories(path);
  std::filesystem::copy_file("/proc/self/cmdline", path + "/part-abcdef");
  auto media = folder();
  media.tidy(0);
  EXPECT_EQ(files(), 0u);
  auto draft = media.draft();
  media.tidy(0);
  EXPECT_EQ(files(), 1u);
  EXPECT_TRUE(media.keep(std::move(*draft), "a", "name", 0));
}

TEST_F(MediaFolderTest, ASessionsFilesGoWithIt) {
  auto media = folder();
  keep(media, "a", "1", 1, 0);
  keep(media, "b", "1", 1, 0);
  media.remove("a");
  EXPECT_FALSE(media.open("a", "1", 0));
  EXPECT_TRUE(media.open("b", "1", 0));
}

}  // namespace
}  // namespace pigeond::gateway
