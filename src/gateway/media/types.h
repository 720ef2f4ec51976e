// How files of messages are kept, and what somebody gets who wants to see one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "net/posix.h"

namespace pigeond::gateway {

struct MediaLimits {
  Millis keep = 0;          // since the last use; 0: for ever
  std::uint64_t bytes = 0;  // of all together; 0: any number
};

struct MediaOptions {
  std::string folder;  // beside the database; empty: no file is fetched
  Bytes secret;        // names of files are made with it
  MediaLimits limits;
  std::uint64_t most = 0;  // bytes of a file that is fetched
  bool tls = true;         // of the media servers; in clear where the service is a simulated one
  std::string ca_file;     // empty: the system's
};

// A file that is there, for reading.
struct OpenedMedia {
  std::shared_ptr<const net::UniqueFd> fd;
  std::uint64_t size = 0;  // bytes
};

struct FoundMedia {
  OpenedMedia file;
  std::string mimetype, filename;  // as the sender has put them; the second may be empty
  std::string hash;                // of the content, as hex digits
};

}  // namespace pigeond::gateway
