// The files of WhatsApp's media servers: encrypted with a key that travels in a message.
//
//   file = AES-256-CBC(PKCS#7) of the content | first 10 bytes of HMAC-SHA256(mac key, iv | ciphertext)
//
// The keys are HKDF-SHA256(media key, no salt, info of the kind of media, 112):
//   0 iv 16 | 16 cipher key 32 | 48 mac key 32 | 80 reference key 32, not used here
// whatsmeow download.go and Baileys Utils/messages-media.ts agree in all of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "wire/sidecar.h"

namespace pigeond::wire {

// What a media file is, as far as its keys differ.
enum class MediaKind { image, video, audio, document, sticker, link_thumbnail, history };

inline constexpr std::string_view kImageKeys = "WhatsApp Image Keys";  // stickers' as well
inline constexpr std::string_view kVideoKeys = "WhatsApp Video Keys";
inline constexpr std::string_view kAudioKeys = "WhatsApp Audio Keys";
inline constexpr std::string_view kDocumentKeys = "WhatsApp Document Keys";
inline constexpr std::string_view kLinkThumbnailKeys = "WhatsApp Link Thumbnail Keys";
inline constexpr std::string_view kHistoryKeys = "WhatsApp History Keys";
std::string_view media_info(MediaKind kind);  // one of these

inline constexpr std::size_t kMediaKey = 32;  // bytes
inline constexpr std::size_t kMediaMac = 10;  // bytes

// Bytes of the file of so many bytes of content: padding fills the last block, or is a block of its own.
constexpr std::uint64_t sealed_media_size(std::uint64_t content) {
  return (content / crypto::kAesBlock + 1) * crypto::kAesBlock + kMediaMac;
}

struct MediaKeys {
  std::array<std::uint8_t, crypto::kAesBlock> iv;
  Key32 cipher, mac;
};
MediaKeys media_keys(ByteView media_key, std::string_view info);

// What a message tells of a file.
struct SealedMedia {
  Key32 content_sha256, file_sha256;
  std::uint64_t content_size = 0, file_size = 0;  // bytes
  Bytes sidecar;                                  // empty if none was asked for
};

// Makes the file of a content that comes bit by bit; it keeps less than a block of it.
class MediaSealer {
 public:
  // `sidecar`: for players that begin before they have the whole file, see wire/sidecar.h.
  explicit MediaSealer(const MediaKeys& keys, bool sidecar = false);
  // The next bytes of the content; the file's next whole blocks are put behind `out`.
  void write(ByteView content, Bytes& out);
  // Once, last: the rest of the file is put behind `out`.
  SealedMedia finish(Bytes& out);

 private:
  void seal(Bytes& out, std::size_t from);
  void count(ByteView file);

  crypto::AesCbcEncryptor cipher_;
  crypto::HmacSha256 mac_;
  crypto::Sha256 content_hash_, file_hash_;
  std::optional<Sidecar> sidecar_;
  Bytes rest_;  // of the content, less than a block
  std::uint64_t content_size_ = 0, file_size_ = 0;
};

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

// Decrypts a checked file, from its beginning on or from somewhere inside. Whatever comes out before the last
// piece is whole blocks.
class MediaReader {
 public:
  MediaReader(const MediaKeys& keys, std::uint64_t file_size);
  // From byte `at` on, which is a multiple of 16 and inside the ciphertext; `before` are the 16 bytes of the
  // file before it, and nobody asks for them where `at` is 0. Byte for byte file and content lie at the same
  // place.
  MediaReader(const MediaKeys& keys, std::uint64_t file_size, std::uint64_t at, ByteView before);
  // The next bytes of the file; decrypted content is put behind `out`. malformed: the padding.
  Status read(ByteView data, Bytes& out);
  bool ended() const { return left_ == 0; }

 private:
  crypto::AesCbcDecryptor cipher_;
  std::uint64_t left_;  // of the ciphertext
  Bytes block_;         // an unfinished one
};

}  // namespace pigeond::wire
