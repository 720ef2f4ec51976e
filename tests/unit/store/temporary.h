// A folder that goes with the test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace pigeond::store {

class TemporaryFolder {
 public:
  static constexpr const char* kInMemory = "/dev/shm";  // where syncs cost nothing, if there is such a place

  TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}
  explicit TemporaryFolder(const std::filesystem::path& where) {
    std::error_code ignored;
    const bool there = std::filesystem::is_directory(where, ignored);
    const auto base = there ? where : std::filesystem::temp_directory_path();
    std::string pattern = (base / "pigeond-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace pigeond::store
