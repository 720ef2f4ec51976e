#include "sandbox/media/media_uploads.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sandbox/media/media_target.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kBegun = 16;       // uploads that broke off and may go on
constexpr std::uint64_t kShortest = 26;  // bytes: one block and a mac
constexpr std::string_view kFolder = "/mms/";
constexpr std::string_view kHost = "https://mmg.whatsapp.net";

std::string where(const std::string& path) {
  return R"("url":")" + std::string(kHost) + path + R"(","direct_path":")" + path + '"';
}

std::string error_json(int status) {
  return R"({"error":{"code":)" + std::to_string(status) + "}}";
}

}  // namespace

bool MediaUploads::refuse(MediaUpload& upload, int status, const std::string& rule,
                          const std::string& detail) {
  upload.refused = status;
  const bool known = !upload.by.phone.empty();
  if (!rule.empty()) world_.violation(rule, known ? &upload.by : nullptr, detail, nullptr);
  return false;
}

std::unique_ptr<MediaUpload> MediaUploads::begin(const net::HttpRequestHead& request) {
  auto upload = std::make_unique<MediaUpload>();
  if (admit(*upload, request)) suffer(*upload);
  return upload;
}

bool MediaUploads::admit(MediaUpload& upload, const net::HttpRequestHead& request) {
  const auto target = read_media_target(request.target);
  const auto length = parse_unsigned(net::find_header(request.headers, "Content-Length").value_or(""));
  upload.left = length.value_or(0);
  // Who sends no length is not read at all, nor who sends more than there is room for.
  upload.at_once = !length || *length > most;
  const auto holder = store_.auth().holder(target.parameter("auth"));
  if (holder) upload.by = *holder;
  const std::size_t end = target.path.find('/', kFolder.size());
  if (!target.path.starts_with(kFolder) || end == std::string::npos)
    return refuse(upload, 404, "media-upload", "a file is uploaded to " + target.path);
  upload.kind = find_media_kind(target.path.substr(kFolder.size(), end - kFolder.size()));
  if (upload.kind == nullptr)
    return refuse(upload, 404, "media-upload", "a file is uploaded to " + target.path);
  if (!length) return refuse(upload, 411, "media-upload", "an upload without Content-Length");
  if (!holder) return refuse(upload, 401, "media-auth", "an upload with an auth that nobody was given");
  if (const auto fault = world_.faults.strike_media(FaultKind::media_auth, &upload.by, true))
    store_.auth().expire(upload.by.phone);
  if (!store_.auth().is_good(target.parameter("auth"), world_.now.unix_seconds())) return refuse(upload, 401);
  if (!net::find_header(request.headers, "Origin"))
    world_.violation("media-origin", &upload.by, "an upload without an Origin", nullptr);
  const auto token = parse_media_token(target.path.substr(end + 1));
  if (!token || parse_media_token(target.parameter("token")) != token)
    return refuse(upload, 400, "media-upload", "path and query name no token, or two");
  upload.token = *token;
  upload.asks = target.parameter("resume") == "1";
  if (upload.asks) return upload.left == 0 || refuse(upload, 400, "media-upload", "a question with a body");
  if (*length > most) return refuse(upload, 413);
  return go_on(upload, target.parameter("file_offset"));
}

MediaUploads::Begun* MediaUploads::begun(const MediaUpload& upload) {
  const auto found = std::ranges::find_if(
      begun_, [&](const Begun& each) { return each.token == upload.token && each.kind == upload.kind; });
  return found == begun_.end() ? nullptr : &*found;
}

bool MediaUploads::go_on(MediaUpload& upload, const std::string& offset) {
  const auto at = parse_unsigned(offset.empty() ? "0" : offset);
  Begun* before = begun(upload);
  if (!at || (*at > 0 && (before == nullptr || before->blob->size() != *at)))
    return refuse(upload, 400, "media-resume", "an upload goes on at " + offset);
  if (*at == 0) {
    upload.blob = std::make_shared<MediaBlob>();
    return true;
  }
  if (*at + upload.left > most) return refuse(upload, 413);
  upload.blob = before->blob;
  upload.hash = before->hash;
  std::erase_if(begun_, [&](const Begun& each) { return each.blob == upload.blob; });
  return true;
}

// What was wished on this one.
void MediaUploads::suffer(MediaUpload& upload) {
  const auto strike = [&](FaultKind kind) { return world_.faults.strike_media(kind, &upload.by, true); };
  const auto answered = [&](FaultKind kind, int otherwise) {
    const auto fault = strike(kind);
    if (fault) upload.refused = fault->code != 0 ? fault->code : otherwise;
    return fault.has_value();
  };
  if (answered(FaultKind::media_gone, 404) || answered(FaultKind::media_refused, 500) || upload.asks) return;
  if (const auto slow = strike(FaultKind::media_slow)) upload.rate = slow->rate;
  if (strike(FaultKind::media_cut)) upload.cut_at = upload.left / 2;
  if (strike(FaultKind::media_wrong)) upload.spoilt_at = upload.left / 2;
}

bool MediaUploads::take(MediaUpload& upload, ByteView data) {
  if (upload.refused != 0) {
    upload.left -= data.size();
    return true;
  }
  const bool cut = upload.cut_at && upload.left - data.size() <= *upload.cut_at;
  if (cut) data = data.first(static_cast<std::size_t>(upload.left - *upload.cut_at));
  upload.hash.update(data);
  const std::uint64_t after = upload.left - data.size();
  Status kept;
  if (upload.spoilt_at && *upload.spoilt_at > after && *upload.spoilt_at <= upload.left) {
    Bytes spoilt = to_bytes(data);
    spoilt[static_cast<std::size_t>(upload.left - *upload.spoilt_at)] ^= 1;
    kept = upload.blob->append(spoilt);
  } else {
    kept = upload.blob->append(data);
  }
  upload.left = after;
  if (!kept) upload.refused = 507;
  return !cut;
}

MediaReply MediaUploads::finish(MediaUpload& upload) {
  const auto refused = [&] { return MediaReply{upload.refused, error_json(upload.refused)}; };
  if (upload.refused != 0) return refused();
  if (upload.asks) {
    if (const auto path = store_.path_of(upload.token, *upload.kind))
      return {200, R"({"resume":"complete",)" + where(*path) + "}"};
    const Begun* before = begun(upload);
    return {200, R"({"resume":")" + std::to_string(before == nullptr ? 0 : before->blob->size()) + R"("})"};
  }
  if (upload.hash.finish() != upload.token) {
    refuse(upload, 400, "media-upload", "the file's hash is not its token");
    return refused();
  }
  const std::uint64_t size = upload.blob->size();
  if (size < kShortest || (size - 10) % 16 != 0)
    world_.violation("media-upload", &upload.by, "no media file has " + std::to_string(size) + " bytes",
                     nullptr);
  const std::string path =
      store_.put(upload.by, *upload.kind, upload.blob, upload.token, upload.spoilt_at.has_value(), false);
  return {200, "{" + where(path) + "}"};
}

void MediaUploads::broken(std::unique_ptr<MediaUpload> upload) {
  const bool worth = upload->refused == 0 && !upload->asks && !upload->spoilt_at && upload->blob->size() > 0;
  if (!worth) return;
  std::erase_if(begun_, [&](const Begun& each) { return each.token == upload->token; });
  begun_.push_back({upload->token, upload->kind, std::move(upload->blob), upload->hash});
  if (begun_.size() > kBegun) begun_.pop_front();
}

}  // namespace pigeond::sandbox
