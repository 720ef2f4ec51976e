// The media servers' word that lets a device in, which it asks the chat server for: <media_conn auth=...>. It
// is good for a while, and then its holder has to ask again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sandbox/model.h"

namespace pigeond::sandbox {

class MediaAuth {
 public:
  std::string issue(const DeviceRef& to, std::int64_t now);  // unix seconds
  // Whose it is, or was.
  std::optional<DeviceRef> holder(const std::string& auth) const;
  bool is_good(const std::string& auth, std::int64_t now) const;
  void expire(const std::string& phone);  // what was issued to that account until now; empty: to anybody

  std::int64_t lifetime = 3600;  // seconds

 private:
  struct Issued {
    DeviceRef to;
    std::int64_t until = 0;
  };
  std::map<std::string, Issued> issued_;
  std::uint64_t next_ = 1;
};

}  // namespace pigeond::sandbox
