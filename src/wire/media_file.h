// The files of WhatsApp's media servers: encrypted with a key that travels in a message.
//
//   file = AES-256-CBC(PKCS#7) of the content | first 10 bytes of HMAC-SHA256(mac key, iv | ciphertext)
//
// The keys are HKDF-SHA256(media key, no salt, info of the kind of media, 112):
//   0 iv 16 | 16 cipher key 32 | 48 mac key 32 | 80 reference key 32, not used here
// whatsmeow download.go and Baileys Utils/messages-media.ts agree in all of it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aes.h"
#include "crypto/hash.h"

namespace pigeond::wire {

inline constexpr std::string_view kHistoryKeys = "WhatsApp History Keys";
inline constexpr std::size_t kMediaKey = 32;  // bytes
inline constexpr std::size_t kMediaMac = 10;  // bytes

struct MediaKeys {
  std::array<std::uint8_t, 16> iv;
  Key32 cipher, mac;
};
MediaKeys media_keys(ByteView media_key, std::string_view info);

// The file of a content, whole.
Bytes seal_media(const MediaKeys& keys, ByteView content);

// Looks at a file as it comes in; nothing of it may be believed before finish().
class MediaCheck {
 public:
  explicit MediaCheck(const MediaKeys& keys);
  void update(ByteView data);
  // malformed: no file of this kind has such a length, or the hash is another. bad_mac: it was made with
  // another key. `sha256`: of the file, or empty if it was not told.
  Status finish(ByteView sha256);
  std::uint64_t size() const { return size_; }

 private:
  crypto::Sha256 hash_;
  crypto::HmacSha256 mac_;
  Bytes tail_;  // the last kMediaMac bytes so far: they may be the mac
  std::uint64_t size_ = 0;
};

// Decrypts a checked file from its beginning on. Whatever comes out before the last piece is whole blocks.
class MediaReader {
 public:
  MediaReader(const MediaKeys& keys, std::uint64_t file_size);
  // The next bytes of the file; decrypted content is put behind `out`. malformed: the padding.
  Status read(ByteView data, Bytes& out);
  bool ended() const { return left_ == 0; }

 private:
  crypto::AesCbcDecryptor cipher_;
  std::uint64_t left_;  // of the ciphertext
  Bytes block_;         // an unfinished one
};

}  // namespace pigeond::wire
