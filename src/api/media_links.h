// Addresses of the files of messages, which open them for whoever has them, and for a time: browsers' <img>
// and many programs' HTTP steps can't set a header for a key.
//
//   BASE/api/files/SESSION/MESSAGE.EXT?token=EXPIRES.MAC
//
//   EXPIRES  unix seconds
//   MAC      base64url of the first 16 bytes of HMAC-SHA256(secret, "link SESSION/MESSAGE.EXT EXPIRES")
//
// The same event has the same address, however often it is told. From any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace pigeond::api {

class MediaLinks {
 public:
  // `base`: https://host:port, without a slash at its end.
  MediaLinks(std::string base, Bytes secret, Millis good_for)
      : base_(std::move(base)), secret_(std::move(secret)), good_for_(good_for) {}
  void set_base(std::string base);  // once it is known on which port we listen

  // `file`: its name in the path. `from`: wall, from when on it is good.
  std::string url(const std::string& session, const std::string& file, Millis from) const;
  bool opens(const std::string& session, const std::string& file, std::string_view token, Millis wall) const;

 private:
  std::string mac(const std::string& session, const std::string& file, std::string_view expires) const;

  mutable std::mutex mutex_;  // of base_
  std::string base_;
  const Bytes secret_;
  const Millis good_for_;
};

// How a file of a message ends, for programs that look at names: of its type, or a document's own. "bin",
// where nothing is known.
std::string file_extension(std::string_view mimetype, std::string_view filename);

}  // namespace pigeond::api
