// Uploads to the media servers, as they come:
//
//   POST /mms/KIND/TOKEN?auth=AUTH&token=TOKEN     and the encrypted file as the body
//     200 {"url": ..., "direct_path": ...}         the same for the same file, as long as it is there
//     400 TOKEN is not the SHA-256 of what came; 401 AUTH is not good any more; 411 without Content-Length;
//     413 it is too long; 404 there is no such kind
//   &resume=1, without a body                      {"resume": "complete", "url", "direct_path"}, or from
//   which
//                                                  byte on the file is wanted: {"resume": "4096"}
//   &file_offset=4096                              and the file from that byte on
//
// Known from whatsmeow's upload.go, Baileys' Utils/messages-media.ts (getWAUploadToServer) and, for what is
// resumed, whatsapp-rust's src/upload.rs. What a client does wrong is a violation; what a fault, a token that
// is over or a lost connection makes of it is none.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "net/http/head.h"
#include "sandbox/media/media_store.h"

namespace pigeond::sandbox {

struct MediaUpload {
  int refused = 0;       // the status to answer; 0: it is taken
  bool at_once = false;  // refused before its body comes
  DeviceRef by;
  const MediaKind* kind = nullptr;
  Key32 token{};
  bool asks = false;  // what is there already
  std::shared_ptr<MediaBlob> blob;
  crypto::Sha256 hash;
  std::uint64_t left = 0;                  // of the body
  std::optional<std::uint64_t> cut_at;     // with so much left the connection breaks
  std::uint64_t rate = 0;                  // bytes per second; 0: as fast as it goes
  std::optional<std::uint64_t> spoilt_at;  // with so much left a byte is taken down wrongly
};

struct MediaReply {
  int status = 200;
  std::string json;
};

class MediaUploads {
 public:
  // Both are kept by reference.
  MediaUploads(World& world, MediaStore& store) : world_(world), store_(store) {}

  // Its head is there.
  std::unique_ptr<MediaUpload> begin(const net::HttpRequestHead& request);
  // Bytes of the body, no more than are left. False: the connection breaks here.
  bool take(MediaUpload& upload, ByteView data);
  MediaReply finish(MediaUpload& upload);
  void broken(std::unique_ptr<MediaUpload> upload);  // before its end: what came can be added to

  std::uint64_t most = 128ULL * 1024 * 1024;  // bytes of a file

 private:
  struct Begun {
    Key32 token{};
    const MediaKind* kind = nullptr;
    std::shared_ptr<MediaBlob> blob;
    crypto::Sha256 hash;
  };
  bool admit(MediaUpload& upload, const net::HttpRequestHead& request);
  bool go_on(MediaUpload& upload, const std::string& offset);
  void suffer(MediaUpload& upload);
  bool refuse(MediaUpload& upload, int status, const std::string& rule = {}, const std::string& detail = {});
  Begun* begun(const MediaUpload& upload);

  World& world_;
  MediaStore& store_;
  std::deque<Begun> begun_;  // the newest last
};

}  // namespace pigeond::sandbox
