#include "wire/media_file.h"

#include <algorithm>

namespace pigeond::wire {
namespace {

constexpr std::size_t kBlock = crypto::kAesBlock;
constexpr std::size_t kKeyBytes = 112;

// What the first block of a part was chained to when it was sealed.
std::array<std::uint8_t, kBlock> chained_to(const MediaKeys& keys, std::uint64_t at, ByteView before) {
  if (at == 0) return keys.iv;
  std::array<std::uint8_t, kBlock> block{};
  std::copy_n(before.begin(), std::min(before.size(), kBlock), block.begin());
  return block;
}

}  // namespace

std::string_view media_info(MediaKind kind) {
  switch (kind) {
    case MediaKind::image:
    case MediaKind::sticker:
      return kImageKeys;
    case MediaKind::video:
      return kVideoKeys;
    case MediaKind::audio:
      return kAudioKeys;
    case MediaKind::document:
      return kDocumentKeys;
    case MediaKind::link_thumbnail:
      return kLinkThumbnailKeys;
    case MediaKind::history:
      return kHistoryKeys;
  }
  return {};
}

MediaKeys media_keys(ByteView media_key, std::string_view info) {
  const Bytes all = crypto::hkdf_sha256({}, media_key, as_bytes(info), kKeyBytes);
  MediaKeys keys;
  std::copy_n(all.begin(), keys.iv.size(), keys.iv.begin());
  std::copy_n(all.begin() + 16, keys.cipher.size(), keys.cipher.begin());
  std::copy_n(all.begin() + 48, keys.mac.size(), keys.mac.begin());
  return keys;
}

MediaSealer::MediaSealer(const MediaKeys& keys, bool sidecar)
    : cipher_(keys.cipher, keys.iv), mac_(keys.mac) {
  mac_.update(keys.iv);
  if (!sidecar) return;
  sidecar_.emplace(keys.mac);
  sidecar_->update(keys.iv);
}

void MediaSealer::write(ByteView content, Bytes& out) {
  content_hash_.update(content);
  content_size_ += content.size();
  const std::size_t whole = (rest_.size() + content.size()) / kBlock * kBlock;
  if (whole == 0) {
    rest_.insert(rest_.end(), content.begin(), content.end());
    return;
  }
  const std::size_t from = out.size(), taken = whole - rest_.size();
  out.insert(out.end(), rest_.begin(), rest_.end());
  out.insert(out.end(), content.begin(), content.begin() + static_cast<std::ptrdiff_t>(taken));
  rest_ = to_bytes(content.subspan(taken));
  seal(out, from);
}

SealedMedia MediaSealer::finish(Bytes& out) {
  const std::size_t from = out.size();
  out.insert(out.end(), rest_.begin(), rest_.end());
  out.resize(from + kBlock, static_cast<std::uint8_t>(kBlock - rest_.size()));
  seal(out, from);
  const Key32 mac = mac_.finish();
  const ByteView told = ByteView(mac).first(kMediaMac);
  out.insert(out.end(), told.begin(), told.end());
  count(told);
  SealedMedia sealed;
  sealed.content_sha256 = content_hash_.finish();
  sealed.file_sha256 = file_hash_.finish();
  sealed.content_size = content_size_;
  sealed.file_size = file_size_;
  if (sidecar_) sealed.sidecar = sidecar_->finish();
  return sealed;
}

// The blocks of `out` from there on are content yet.
void MediaSealer::seal(Bytes& out, std::size_t from) {
  const auto blocks = std::span(out).subspan(from);
  cipher_.run(blocks);
  mac_.update(blocks);
  count(blocks);
}

void MediaSealer::count(ByteView file) {
  file_hash_.update(file);
  file_size_ += file.size();
  if (sidecar_) sidecar_->update(file);
}

Bytes seal_media(const MediaKeys& keys, ByteView content) {
  MediaSealer sealer(keys);
  Bytes file;
  file.reserve(static_cast<std::size_t>(sealed_media_size(content.size())));
  sealer.write(content, file);
  sealer.finish(file);
  return file;
}

MediaCheck::MediaCheck(const MediaKeys& keys) : mac_(keys.mac) {
  mac_.update(keys.iv);
}

void MediaCheck::update(ByteView data) {
  hash_.update(data);
  size_ += data.size();
  if (data.size() >= kMediaMac) {
    mac_.update(tail_);
    mac_.update(data.first(data.size() - kMediaMac));
    tail_ = to_bytes(data.last(kMediaMac));
    return;
  }
  tail_.insert(tail_.end(), data.begin(), data.end());
  if (tail_.size() <= kMediaMac) return;
  const std::size_t known = tail_.size() - kMediaMac;
  mac_.update(ByteView(tail_).first(known));
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(known));
}

Status MediaCheck::finish(ByteView sha256) {
  if (size_ < kMediaMac + kBlock || (size_ - kMediaMac) % kBlock != 0)
    return fail(Cause::malformed, "a media file of " + std::to_string(size_) + " bytes");
  const Key32 hash = hash_.finish();
  if (!sha256.empty() && !std::equal(sha256.begin(), sha256.end(), hash.begin(), hash.end()))
    return fail(Cause::malformed, "the media file's hash is not the one that was told");
  const Key32 mac = mac_.finish();
  if (!std::equal(tail_.begin(), tail_.end(), mac.begin())) return fail(Cause::bad_mac, "media file");
  return {};
}

MediaReader::MediaReader(const MediaKeys& keys, std::uint64_t file_size)
    : MediaReader(keys, file_size, 0, {}) {}

MediaReader::MediaReader(const MediaKeys& keys, std::uint64_t file_size, std::uint64_t at, ByteView before)
    : cipher_(keys.cipher, chained_to(keys, at, before)),
      left_(file_size - std::min<std::uint64_t>(file_size, kMediaMac + at)) {}

Status MediaReader::read(ByteView data, Bytes& out) {
  data = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), left_ - block_.size())));
  block_.insert(block_.end(), data.begin(), data.end());
  const std::size_t whole = block_.size() / kBlock * kBlock;
  if (whole == 0) return {};
  cipher_.run(std::span(block_).first(whole));
  left_ -= whole;
  std::size_t size = whole;
  if (left_ == 0) {
    const std::size_t padding = block_[whole - 1];
    if (padding == 0 || padding > kBlock) return fail(Cause::malformed, "media file: padding");
    for (std::size_t i = whole - padding; i < whole; ++i)
      if (block_[i] != padding) return fail(Cause::malformed, "media file: padding");
    size -= padding;
  }
  out.insert(out.end(), block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(size));
  block_.erase(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(whole));
  return {};
}

}  // namespace pigeond::wire
