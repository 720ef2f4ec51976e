// The files of messages: fetched when they are wanted, and kept for a while.
#include <algorithm>
#include <utility>

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/operations.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;

struct OfFile {
  std::string session = "default";
  std::string file;
  std::string token;
  bool download = false;
  static constexpr const char* kName = "OfFile";
  static void describe(schema::Input<OfFile>& is) {
    is.session(&OfFile::session, kSession);
    is("file", &OfFile::file).required().help("The message's id, whole or bare, and an ending.");
    is("token", &OfFile::token)
        .help("Of the address in media.url: opens this file without a key, until it expires.");
    is("download", &OfFile::download).help("As something to be saved, and not to be shown.");
  }
};

// The ending is for people: it goes, where one is there. An id may end with an address, which has a dot too.
std::string without_extension(const std::string& file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string::npos || file.substr(0, dot).ends_with("@c") || file.substr(0, dot).ends_with("@g"))
    return file;
  return file.substr(0, dot);
}

engine::MessageRef message_of(const std::string& file) {
  const auto parts = split_message_id(without_extension(file));
  engine::MessageRef ref;
  ref.id = parts.id;
  ref.from_me = parts.from_me;
  if (const auto chat = parse_chat_id(parts.chat)) ref.chat = *chat;
  if (const auto author = parse_chat_id(parts.author)) ref.author = *author;
  return ref;
}

// What browsers show without running any of it. Senders choose their types.
bool is_shown(std::string_view type) {
  static constexpr std::string_view kShown[] = {"image/jpeg", "image/png",  "image/gif", "image/webp",
                                                "video/mp4",  "video/3gpp", "audio/ogg", "audio/mpeg",
                                                "audio/mp4",  "audio/aac",  "audio/amr", "audio/wav"};
  return std::ranges::find(kShown, trim(type.substr(0, type.find(';')))) != std::end(kShown);
}

// RFC 6266, with the name as RFC 8187 writes it.
std::string disposition(const gateway::FoundMedia& media, bool download) {
  std::string out = !download && is_shown(media.mimetype) ? "inline" : "attachment";
  if (!media.filename.empty()) out += "; filename*=UTF-8''" + percent_encoded(media.filename);
  return out;
}

HttpReply show(const gateway::FoundMedia& media, bool download, const std::string& known) {
  const std::string tag = '"' + media.hash + '"';
  HttpReply reply;
  reply.headers = {{"ETag", tag},
                   {"Cache-Control", "private, max-age=604800, immutable"},
                   {"Content-Disposition", disposition(media, download)},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Content-Security-Policy", "sandbox; default-src 'none'"}};
  if (known == tag || known == "*") {
    reply.status = 304;
    reply.type.clear();
    return reply;
  }
  reply.type = media.mimetype;
  reply.file = net::HttpFile{media.file.fd, 0, media.file.size};
  return reply;
}

void begin(const Call& call, const OfFile& in, const Promise& promise) {
  auto& gateway = call.gateway;
  const std::string known = call.http.header("if-none-match");
  gateway.media(in.session, message_of(in.file),
                [&gateway, promise, known, session = in.session,
                 download = in.download](const Result<gateway::FoundMedia>& media) {
                  promise([&gateway, media, known, session, download] {
                    return media ? show(*media, download, known)
                                 : session_failure(gateway, session, media.error(), "WORKING");
                  });
                });
}

}  // namespace

Operations file_operations() {
  return {row_of<OfFile>({"GET", "/api/files/{session}/{file}", "getFile", "Media", Scope::media, Whose::one,
                          "The file of a message"})
              .begins<OfFile>(begin)
              .gives(200, "The file, or the range of it that was asked for (206).",
                     picture("application/octet-stream"))
              .gives(304, "The file is still what If-None-Match names.", nothing())
              .fails({404, 413, 422, 429, 502, 504})};
}

}  // namespace pigeond::api::waha
