// Files of messages, decrypted and checked, on the disk beside the database: a cache, which may be emptied at
// any time, as each can be fetched again.
//
//   FOLDER/SESSION/NAME   each 32 hex digits that nobody can guess, made of session and message by a secret
//   FOLDER/part-XXXXXX    one that is being written; it gets its name once it is whole and on the disk
//
// The time of a file is that of its last use. What was not used for long goes, and the oldest go where all
// together are too large. No file is opened by a name that somebody has sent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/media/types.h"
#include "net/posix.h"

namespace pigeond::gateway {

// One thread's, but for what is opened.
class MediaFolder {
 public:
  // Nothing is touched before the first draft.
  MediaFolder(std::string path, Bytes secret, MediaLimits limits);

  std::string name_of(const std::string& session, const std::string& message) const;

  std::optional<OpenedMedia> open(const std::string& session, const std::string& name, Millis wall) const;

  // A file on its way there. Without keep() nothing is left of it.
  class Draft {
   public:
    ~Draft();
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    // io, also where only kLeft bytes of the disk would be left.
    Status append(ByteView data);

   private:
    friend class MediaFolder;
    Draft(std::string path, net::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    net::UniqueFd fd_;
    std::uint64_t size_ = 0, room_ = 0;
  };
  // So much of the file system's free space is left to others, the database first; bytes.
  static constexpr std::uint64_t kLeft = 64u << 20;

  Result<std::unique_ptr<Draft>> draft();
  // Whole and on the disk, under its name from now on; what was there under it is gone. The draft is used up.
  Status keep(std::unique_ptr<Draft> draft, const std::string& session, const std::string& name, Millis wall);

  void remove(const std::string& session);  // all of its files
  // Removes what is too old or too much. The first time, before there is a draft, also what an earlier
  // process has not finished.
  void tidy(Millis wall);

 private:
  std::string folder_of(const std::string& session) const;

  const std::string path_;
  const Bytes secret_;
  const MediaLimits limits_;
  bool begun_ = false;
  std::uint64_t all_ = 0;  // bytes that are there; some may have gone otherwise
};

}  // namespace pigeond::gateway
