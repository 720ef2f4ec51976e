// Control's part that is about files and the media servers.
#include <map>

#include "base/text.h"
#include "sandbox/control/control.h"
#include "sandbox/control/control_json.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::int64_t kLongestFile = 128LL * 1024 * 1024;

// `data` in base64, or `size` bytes by chance.
Bytes read_content(Body& body, Random& random) {
  const std::string data = body.text("data");
  const auto size = body.number("size", 0, kLongestFile);
  if (data.empty() == !size) body.reject("data", "or size, and one of them, says what is in the file");
  if (size) return random.bytes(static_cast<std::size_t>(*size));
  const auto content = parse_base64(data);
  if (!content) body.reject("data", "must be base64");
  return content.value_or(Bytes());
}

PhoneFile read_file(Body& body, Random& random) {
  static const std::map<std::string, std::string> kTypes = {{"image", "image/jpeg"},
                                                            {"video", "video/mp4"},
                                                            {"gif", "video/mp4"},
                                                            {"ptv", "video/mp4"},
                                                            {"audio", "audio/mpeg"},
                                                            {"ptt", "audio/ogg; codecs=opus"},
                                                            {"document", "application/pdf"},
                                                            {"sticker", "image/webp"}};
  PhoneFile file;
  file.kind = body.text("kind", true);
  if (file.kind == "audio" && body.flag("ptt", false)) file.kind = "ptt";
  const auto type = kTypes.find(file.kind);
  if (type == kTypes.end()) body.reject("kind", "is image, video, gif, ptv, audio, ptt, document or sticker");
  file.mimetype = body.text("mimetype");
  if (file.mimetype.empty() && type != kTypes.end()) file.mimetype = type->second;
  file.caption = body.text("caption");
  file.filename = body.text("filename");
  file.seconds = static_cast<std::uint32_t>(body.number("seconds", 0, 1'000'000).value_or(0));
  file.view_once = body.flag("view_once", false);
  file.content = read_content(body, random);
  return file;
}

std::optional<Reupload> read_reupload(const std::string& name) {
  static const std::map<std::string, Reupload> kNames = {{"upload", Reupload::upload},
                                                         {"error", Reupload::error},
                                                         {"not_found", Reupload::not_found},
                                                         {"general_error", Reupload::general_error},
                                                         {"decryption_error", Reupload::decryption_error},
                                                         {"none", Reupload::none}};
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Json file_json(const std::string& path, const MediaStore::File& file) {
  return {{"name", name_of(path)},
          {"path", path + "?" + file.query},
          {"kind", file.kind},
          {"account", file.owner.phone},
          {"device", file.owner.number},
          {"size", file.blob->size()},
          {"enc_sha256", hex_lower(file.token)},
          {"status", file.status},
          {"fetched", file.fetched}};
}

// As a message's fields are named, with bytes in base64.
Json uploaded_json(const MediaStore::Uploaded& uploaded) {
  return {{"url", "https://mmg.whatsapp.net" + uploaded.path},
          {"directPath", uploaded.path},
          {"mediaKey", base64(uploaded.media_key)},
          {"fileSha256", base64(uploaded.sha256)},
          {"fileEncSha256", base64(uploaded.enc_sha256)},
          {"fileLength", uploaded.length}};
}

}  // namespace

void Control::add_media() {
  // How media_conn answers from now on.
  add("PUT", "/media", [this](const net::HttpRequest& request) {
    Body body(request.body);
    Service& service = server_.service();
    const bool fallback = body.flag("fallback", service.media_fallback);
    const auto most = body.number("max_bytes", 1, kLongestFile);
    const auto lifetime = body.number("auth_ttl", 1, 1'000'000);
    if (body.refusal()) return reply(*body.refusal());
    service.media_fallback = fallback;
    if (most) service.uploads().most = static_cast<std::uint64_t>(*most);
    if (lifetime) service.media().auth().lifetime = *lifetime;
    return reply_nothing();
  });
  // What was issued is over; `account`: to its devices alone.
  add("POST", "/media/expire", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string account = phone_of(body.text("account"));
    if (body.refusal()) return reply(*body.refusal());
    server_.service().media().auth().expire(account);
    return reply_nothing();
  });
  add("GET", "/media/files", [this](const net::HttpRequest&) {
    Json list = Json::array();
    for (const auto& [path, file] : server_.service().media().files()) list.push_back(file_json(path, file));
    return reply(200, list);
  });
  // A file that no message tells of yet, as its phone uploads it.
  add("POST", "/accounts/{phone}/files", [this](const net::HttpRequest& request) {
    Body body(request.body);
    Service& service = server_.service();
    const std::string& phone = request.params.at("phone");
    const MediaKind* kind = find_media_kind(body.text("kind", true));
    if (kind == nullptr) body.reject("kind", "is none that is known");
    const Bytes content = read_content(body, service.world().random);
    if (body.refusal()) return reply(*body.refusal());
    if (service.phone(phone) == nullptr) return reply(Refusal{404, "no such account", "phone"});
    service.media().at(server_.now());
    return reply(201, uploaded_json(service.media().upload({phone, 0}, *kind, content)));
  });
  // Whether it is handed out: 200, or 403, 404, 410.
  add("PUT", "/media/files/{name}", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const auto status = body.number("status", 200, 410);
    if (!status || (*status != 200 && *status != 403 && *status != 404 && *status != 410))
      body.reject("status", "is 200, 403, 404 or 410");
    if (body.refusal()) return reply(*body.refusal());
    const bool known =
        server_.service().media().set_status(request.params.at("name"), static_cast<int>(*status));
    return known ? reply_nothing() : reply(Refusal{404, "no such file", "name"});
  });
  add("POST", "/accounts/{phone}/media", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string to = body.text("to", true), &phone = request.params.at("phone");
    const PhoneFile file = read_file(body, server_.service().world().random);
    if (body.refusal()) return reply(*body.refusal());
    const auto id = server_.service().send_file(server_.now(), phone,
                                                !to.empty() && to.front() == '+' ? to.substr(1) : to, file);
    if (!id) return reply(id.error());
    return reply(201, message_json(*server_.service().phone(phone)->log().find(*id)));
  });
  // How the phone answers who wants the file of that message uploaded again.
  add("PUT", "/accounts/{phone}/media/{id}", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const auto answer = read_reupload(body.text("retry", true));
    if (!answer) body.reject("retry", "is upload, error, not_found, general_error, decryption_error or none");
    if (body.refusal()) return reply(*body.refusal());
    const auto status = server_.service().set_reupload(server_.now(), request.params.at("phone"),
                                                       request.params.at("id"), *answer);
    return status ? reply_nothing() : reply(status.error());
  });
}

}  // namespace pigeond::sandbox
