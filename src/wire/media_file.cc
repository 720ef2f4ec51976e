#include "wire/media_file.h"

#include <algorithm>

namespace pigeond::wire {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kKeyBytes = 112;

}  // namespace

MediaKeys media_keys(ByteView media_key, std::string_view info) {
  const Bytes all = crypto::hkdf_sha256({}, media_key, as_bytes(info), kKeyBytes);
  MediaKeys keys;
  std::copy_n(all.begin(), keys.iv.size(), keys.iv.begin());
  std::copy_n(all.begin() + 16, keys.cipher.size(), keys.cipher.begin());
  std::copy_n(all.begin() + 48, keys.mac.size(), keys.mac.begin());
  return keys;
}

Bytes seal_media(const MediaKeys& keys, ByteView content) {
  Bytes file = crypto::aes_cbc_encrypt(keys.cipher, keys.iv, content);
  const Key32 mac = crypto::hmac_sha256(keys.mac, {ByteView(keys.iv), ByteView(file)});
  file.insert(file.end(), mac.begin(), mac.begin() + kMediaMac);
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
    : cipher_(keys.cipher, keys.iv), left_(file_size - std::min<std::uint64_t>(file_size, kMediaMac)) {}

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
