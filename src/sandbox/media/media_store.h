// The service's media servers: encrypted files, handed out to whoever has the path with its signed query.
// Those of companions come through uploads (media_uploads.h); phones put theirs and read others' directly,
// and no fault strikes them. A history waits for one companion, and goes when it says that it has read it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "sandbox/media/media_auth.h"
#include "sandbox/media/media_blob.h"
#include "sandbox/media/media_kind.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class MediaStore {
 public:
  explicit MediaStore(World& world) : world_(world) {}

  struct File {
    DeviceRef owner;  // whose upload it is; of a history: who reads it
    std::string kind;
    std::shared_ptr<const MediaBlob> blob;
    Key32 token{};  // its SHA-256
    std::string query;
    std::int64_t expires = 0;  // unix seconds, as the query says
    int status = 200;          // or why it is not handed out: 403 the query is over, 404 and 410 it is gone
    bool spoilt = false;       // by a fault, when it was uploaded
    bool fetched = false;
  };
  const std::map<std::string, File>& files() const { return files_; }  // by path without query
  bool set_status(const std::string& name, int status);  // of the path's last part; false: no such file
  std::size_t size() const { return files_.size(); }

  // --- of phones ---
  struct Uploaded {
    std::string path;  // with its query
    Bytes media_key, sha256, enc_sha256;
    std::uint64_t length = 0;  // of the content
    std::shared_ptr<const MediaBlob> blob = nullptr;
  };
  // A history's content, for that device.
  Uploaded upload_history(const DeviceRef& reader, ByteView content);
  Uploaded upload(const DeviceRef& by, const MediaKind& kind, ByteView content);
  bool was_fetched(const std::string& path) const;
  // A file as a phone takes it. excused: that it can't be had, or not as it was uploaded, is nobody's fault.
  struct Taken {
    std::shared_ptr<const MediaBlob> blob;  // null: it is not there
    bool excused = false;
  };
  Taken take(const std::string& path) const;

  // --- of uploads ---
  // The path, with its query. A file that is there keeps its path, unless `anew`.
  std::string put(const DeviceRef& by, const MediaKind& kind, std::shared_ptr<const MediaBlob> blob,
                  const Key32& token, bool spoilt, bool anew);
  std::optional<std::string> path_of(const Key32& token, const MediaKind& kind) const;

  // The word that lets a companion in, and the secret with which it deletes.
  MediaAuth& auth() { return auth_; }
  static std::string secret(const std::string& phone) { return "nonce-" + phone; }
  static constexpr const char* kHandle = "handle-1";

  // --- requests ---
  void at(Instant now) { world_.now = now; }
  // What a GET comes to, before anything is read.
  struct Found {
    int status = 200;
    std::shared_ptr<const MediaBlob> blob;
    bool spoilt = false;     // the byte in the middle is to be another one
    bool cut = false;        // in the middle the connection breaks
    std::uint64_t rate = 0;  // bytes per second; 0: as fast as it goes
  };
  Found find(const std::string& target);
  // The same, read.
  struct Answer {
    int status = 200;
    std::shared_ptr<const Bytes> body;
    std::size_t cut_after = 0;  // bytes; then the connection breaks; 0: it does not
  };
  Answer get(const std::string& target);
  // `secret`: of the header Companion_User_Secret.
  int erase(const std::string& target, const std::string& secret);

 private:
  std::string add(const std::string& name, File file);

  World& world_;
  MediaAuth auth_;
  std::map<std::string, File> files_;
};

}  // namespace pigeond::sandbox
