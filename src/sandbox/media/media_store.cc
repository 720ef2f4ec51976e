#include "sandbox/media/media_store.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "wire/media_file.h"

namespace pigeond::sandbox {
namespace {

constexpr int kOk = 200, kForbidden = 403, kNotFound = 404;

std::string url_base64(ByteView bytes, bool padded) {
  std::string text = base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!padded && text.ends_with('=')) text.pop_back();
  return text;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size() ? parse_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      out += static_cast<char>(byte->front());
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string parameter(const std::string& query, std::string_view name) {
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = std::string_view(query).substr(at, end - at);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return unescaped(pair.substr(name.size() + 1));
    at = end + 1;
  }
  return {};
}

}  // namespace

MediaStore::Uploaded MediaStore::upload_history(const DeviceRef& reader, ByteView content) {
  Uploaded out;
  out.media_key = world_.random.bytes(wire::kMediaKey);
  const Bytes file = wire::seal_media(wire::media_keys(out.media_key, wire::kHistoryKeys), content);
  out.sha256 = to_bytes(ByteView(crypto::sha256(content)));
  out.enc_sha256 = to_bytes(ByteView(crypto::sha256(file)));
  out.length = content.size();
  const std::string name = "/v/t62.7/" + hex_lower(world_.random.bytes(8)) + ".enc";
  File& kept = files_[name];
  kept.reader = reader;
  kept.bytes = std::make_shared<const Bytes>(file);
  kept.enc_sha256 = out.enc_sha256;
  kept.query = "ccb=11-4&oh=" + hex_lower(world_.random.bytes(8)) + "&oe=7FFFFFFF";
  out.path = name + "?" + kept.query;
  return out;
}

bool MediaStore::was_fetched(const std::string& path) const {
  const auto found = files_.find(path.substr(0, path.find('?')));
  return found == files_.end() || found->second.fetched;
}

// The path is good with the query alone that came with it, which is signed; what a client adds behind it is
// its own.
MediaStore::Answer MediaStore::get(const std::string& target) {
  const std::size_t mark = target.find('?');
  const auto found = files_.find(target.substr(0, mark));
  if (found == files_.end()) return {kNotFound, nullptr, 0};
  File& file = found->second;
  if (mark == std::string::npos || !target.substr(mark + 1).starts_with(file.query)) {
    world_.violation("media-query", &file.reader, "a file is asked for without its path's query", nullptr);
    return {kForbidden, nullptr, 0};
  }
  if (world_.faults.strike(FaultKind::media_gone, &file.reader)) return {kNotFound, nullptr, 0};
  if (world_.faults.strike(FaultKind::media_wrong, &file.reader)) {
    auto spoilt = std::make_shared<Bytes>(*file.bytes);
    (*spoilt)[spoilt->size() / 2] ^= 1;
    return {kOk, spoilt, 0};
  }
  if (world_.faults.strike(FaultKind::media_cut, &file.reader))
    return {kOk, file.bytes, std::max<std::size_t>(file.bytes->size() / 2, 1)};
  file.fetched = true;
  return {kOk, file.bytes, 0};
}

// /mms/md-msg-hist/TOKEN?auth=&token=TOKEN&d_md=&e_handle=, as whatsmeow's upload.go deletes.
int MediaStore::erase(const std::string& target, const std::string& secret) {
  const std::size_t mark = target.find('?');
  const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  for (auto file = files_.begin(); file != files_.end(); ++file) {
    const std::string token = url_base64(file->second.enc_sha256, true);
    if (unescaped(target.substr(0, mark)) != "/mms/md-msg-hist/" + token) continue;
    const DeviceRef reader = file->second.reader;
    const bool good = parameter(query, "auth") == auth() && parameter(query, "token") == token &&
                      parameter(query, "d_md") == url_base64(as_bytes(file->first), false) &&
                      parameter(query, "e_handle") == kHandle && secret == MediaStore::secret(reader.phone);
    if (!good) {
      world_.violation("media-delete", &reader, "a file is to be deleted by " + target, nullptr);
      return kForbidden;
    }
    if (!file->second.fetched)
      world_.violation("media-delete", &reader, "a file is to be deleted that was never fetched", nullptr);
    files_.erase(file);
    return kOk;
  }
  return kNotFound;
}

}  // namespace pigeond::sandbox
