// The service's media servers as its phones use them: encrypted files that wait for a companion, and go when
// it says that it has read them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class MediaStore {
 public:
  explicit MediaStore(World& world) : world_(world) {}

  struct Uploaded {
    std::string path;  // with its query
    Bytes media_key, sha256, enc_sha256;
    std::uint64_t length = 0;  // of the content
  };
  // A history's content, for that device.
  Uploaded upload_history(const DeviceRef& reader, ByteView content);
  bool was_fetched(const std::string& path) const;

  // What the servers' word is that lets a companion in, and the secret with which it deletes.
  std::string auth() const { return "sandbox-auth/1"; }
  static std::string secret(const std::string& phone) { return "nonce-" + phone; }
  static constexpr const char* kHandle = "handle-1";

  struct Answer {
    int status = 200;
    std::shared_ptr<const Bytes> body;
    std::size_t cut_after = 0;  // bytes; then the connection breaks; 0: it does not
  };
  Answer get(const std::string& target);
  // `secret`: of the header Companion_User_Secret.
  int erase(const std::string& target, const std::string& secret);
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    DeviceRef reader;
    std::shared_ptr<const Bytes> bytes;
    Bytes enc_sha256;
    std::string query;
    bool fetched = false;
  };

  World& world_;
  std::map<std::string, File> files_;  // by path without query
};

}  // namespace pigeond::sandbox
