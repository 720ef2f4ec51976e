#include "sandbox/media/media_store.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "crypto/hash.h"
#include "sandbox/media/media_target.h"
#include "wire/media_file.h"

namespace pigeond::sandbox {
namespace {

constexpr int kOk = 200, kForbidden = 403, kNotFound = 404;
constexpr std::int64_t kLifetime = 30LL * 86400;  // seconds that a path is good for
constexpr std::int64_t kForEver = 0x7fffffff;

std::string signed_query(Random& random, std::int64_t expires) {
  char hex[17];
  std::snprintf(hex, sizeof hex, "%llX", static_cast<unsigned long long>(expires));
  return "ccb=11-4&oh=" + hex_lower(random.bytes(8)) + "&oe=" + hex;
}

Result<std::shared_ptr<const MediaBlob>> blob_of(ByteView bytes) {
  auto blob = std::make_shared<MediaBlob>();
  PIGEOND_CHECK(blob->append(bytes));
  return std::shared_ptr<const MediaBlob>(std::move(blob));
}

// What a client adds behind the query that came with a path is its own: whatsmeow &hash= and more,
// whatsapp-rust ?auth=.
bool is_signed(const std::string& query, const std::string& expected) {
  return query.starts_with(expected) &&
         (query.size() == expected.size() || query[expected.size()] == '&' || query[expected.size()] == '?');
}

std::string without_query(const std::string& path) {
  return path.substr(0, path.find('?'));
}

}  // namespace

std::string MediaStore::add(const std::string& name, File file) {
  const std::string path = name + "?" + file.query;
  files_.insert_or_assign(name, std::move(file));
  return path;
}

MediaStore::Uploaded MediaStore::upload_history(const DeviceRef& reader, ByteView content) {
  return upload(reader, *find_media_kind("md-msg-hist"), content);
}

MediaStore::Uploaded MediaStore::upload(const DeviceRef& by, const MediaKind& kind, ByteView content) {
  Uploaded out;
  out.media_key = world_.random.bytes(wire::kMediaKey);
  const Bytes sealed = wire::seal_media(wire::media_keys(out.media_key, kind.keys), content);
  const Key32 token = crypto::sha256(sealed);
  out.sha256 = to_bytes(ByteView(crypto::sha256(content)));
  out.enc_sha256 = to_bytes(ByteView(token));
  out.length = content.size();
  auto blob = blob_of(sealed);
  if (!blob) return out;  // without a path: nobody can fetch it
  out.blob = *blob;
  out.path = put(by, kind, *blob, token, false, true);
  return out;
}

std::string MediaStore::put(const DeviceRef& by, const MediaKind& kind, std::shared_ptr<const MediaBlob> blob,
                            const Key32& token, bool spoilt, bool anew) {
  if (const auto known = anew ? std::nullopt : path_of(token, kind)) return *known;
  File file;
  file.owner = by;
  file.kind = kind.name;
  file.blob = std::move(blob);
  file.token = token;
  file.spoilt = spoilt;
  const std::string name =
      "/v/" + std::string(kind.folder) + "/" + hex_lower(world_.random.bytes(8)) + ".enc";
  file.expires = kind.keys == wire::kHistoryKeys ? kForEver : world_.now.unix_seconds() + kLifetime;
  file.query = signed_query(world_.random, file.expires);
  return add(name, std::move(file));
}

std::optional<std::string> MediaStore::path_of(const Key32& token, const MediaKind& kind) const {
  for (const auto& [name, file] : files_)
    if (file.token == token && file.kind == kind.name && file.status == kOk && !file.spoilt &&
        file.expires > world_.now.unix_seconds())
      return name + "?" + file.query;
  return std::nullopt;
}

bool MediaStore::set_status(const std::string& name, int status) {
  for (auto& [path, file] : files_) {
    if (!path.ends_with("/" + name)) continue;
    file.status = status;
    return true;
  }
  return false;
}

bool MediaStore::was_fetched(const std::string& path) const {
  const auto found = files_.find(without_query(path));
  return found == files_.end() || found->second.fetched;
}

MediaStore::Taken MediaStore::take(const std::string& path) const {
  const auto target = read_media_target(path);
  const auto found = files_.find(target.path);
  if (found == files_.end() || !is_signed(target.query, found->second.query)) return {nullptr, false};
  const File& file = found->second;
  const bool over = file.expires <= world_.now.unix_seconds();
  if (file.status != kOk || over) return {nullptr, true};
  return {file.blob, file.spoilt};
}

MediaStore::Found MediaStore::find(const std::string& target) {
  const auto wanted = read_media_target(target);
  const auto found = files_.find(wanted.path);
  if (found == files_.end()) return {kNotFound, nullptr};
  File& file = found->second;
  if (!is_signed(wanted.query, file.query)) {
    world_.violation("media-query", &file.owner, "a file is asked for without its path's query", nullptr);
    return {kForbidden, nullptr};
  }
  if (file.status != kOk) return {file.status, nullptr};
  if (file.expires <= world_.now.unix_seconds()) return {kForbidden, nullptr};
  const auto strike = [&](FaultKind kind) { return world_.faults.strike_media(kind, &file.owner, false); };
  if (const auto fault = strike(FaultKind::media_gone))
    return {fault->code ? fault->code : kNotFound, nullptr};
  if (const auto fault = strike(FaultKind::media_refused)) return {fault->code, nullptr};
  Found out{kOk, file.blob, file.spoilt};
  if (const auto slow = strike(FaultKind::media_slow)) out.rate = slow->rate;
  if (strike(FaultKind::media_wrong))
    out.spoilt = true;
  else if (strike(FaultKind::media_cut))
    out.cut = true;
  else
    file.fetched = true;
  return out;
}

MediaStore::Answer MediaStore::get(const std::string& target) {
  const Found found = find(target);
  if (!found.blob) return {found.status, nullptr, 0};
  const auto all = found.blob->all();
  if (!all) return {500, nullptr, 0};
  auto body = std::make_shared<Bytes>(*all);
  if (found.spoilt && !body->empty()) (*body)[body->size() / 2] ^= 1;
  return {found.status, body, found.cut ? std::max<std::size_t>(body->size() / 2, 1) : 0};
}

// /mms/md-msg-hist/TOKEN?auth=&token=TOKEN&d_md=&e_handle=, as whatsmeow's upload.go deletes.
int MediaStore::erase(const std::string& target, const std::string& secret) {
  const auto wanted = read_media_target(target);
  constexpr std::string_view kFolder = "/mms/md-msg-hist/";
  if (!wanted.path.starts_with(kFolder)) return kNotFound;
  const std::string name = wanted.path.substr(kFolder.size());
  const auto token = parse_media_token(name);
  for (auto file = files_.begin(); token && file != files_.end(); ++file) {
    if (file->second.token != *token || file->second.kind != "md-msg-hist") continue;
    const DeviceRef reader = file->second.owner;
    const auto holder = auth_.holder(wanted.parameter("auth"));
    const bool good = name.ends_with('=') && holder && holder->phone == reader.phone &&
                      auth_.is_good(wanted.parameter("auth"), world_.now.unix_seconds()) &&
                      wanted.parameter("token") == name &&
                      wanted.parameter("d_md") == base64url(as_bytes(file->first)) &&
                      wanted.parameter("e_handle") == kHandle && secret == MediaStore::secret(reader.phone);
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
