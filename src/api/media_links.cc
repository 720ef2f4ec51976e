#include "api/media_links.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::api {
namespace {

constexpr std::size_t kMac = 16;       // bytes
constexpr std::size_t kExtension = 8;  // characters

constexpr std::pair<std::string_view, std::string_view> kExtensions[] = {
    {"image/jpeg", "jpeg"},     {"image/png", "png"},  {"image/gif", "gif"},  {"image/webp", "webp"},
    {"video/mp4", "mp4"},       {"video/3gpp", "3gp"}, {"audio/ogg", "oga"},  {"audio/mpeg", "mp3"},
    {"audio/mp4", "m4a"},       {"audio/aac", "aac"},  {"audio/amr", "amr"},  {"audio/wav", "wav"},
    {"application/pdf", "pdf"}, {"text/plain", "txt"}, {"text/vcard", "vcf"},
};

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

void MediaLinks::set_base(std::string base) {
  const std::lock_guard lock(mutex_);
  base_ = std::move(base);
}

std::string MediaLinks::mac(const std::string& session, const std::string& file,
                            std::string_view expires) const {
  const std::string said = "link " + session + "/" + file + " " + std::string(expires);
  return base64url(ByteView(crypto::hmac_sha256(secret_, as_bytes(said))).first(kMac));
}

std::string MediaLinks::url(const std::string& session, const std::string& file, Millis from) const {
  const std::string expires = std::to_string((from + good_for_) / kSecond);
  std::string base;
  {
    const std::lock_guard lock(mutex_);
    base = base_;
  }
  return base + "/api/files/" + percent_encoded(session) + "/" + percent_encoded(file) + "?token=" + expires +
         "." + mac(session, file, expires);
}

bool MediaLinks::opens(const std::string& session, const std::string& file, std::string_view token,
                       Millis wall) const {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos) return false;
  const auto expires = parse_unsigned(token.substr(0, dot));
  const std::string wanted = mac(session, file, token.substr(0, dot));
  const std::string_view given = token.substr(dot + 1);
  // In a time that does not depend on where they differ.
  unsigned differ = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(given.size(), wanted.size()); ++i)
    differ |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(wanted[i]);
  return differ == 0 && expires && static_cast<Millis>(*expires) > wall / kSecond;
}

std::string file_extension(std::string_view mimetype, std::string_view filename) {
  const std::size_t dot = filename.rfind('.');
  if (dot != std::string_view::npos) {
    const auto own = filename.substr(dot + 1);
    if (!own.empty() && own.size() <= kExtension && std::ranges::all_of(own, is_plain))
      return std::string(own);
  }
  const auto type = trim(mimetype.substr(0, mimetype.find(';')));
  for (const auto& [name, extension] : kExtensions)
    if (name == type) return std::string(extension);
  return "bin";
}

}  // namespace pigeond::api
