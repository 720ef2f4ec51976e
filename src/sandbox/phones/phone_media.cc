// Files on a phone: it fetches what it is sent as soon as it is told of it, and keeps it; it uploads what it
// sends, and again what a companion can't fetch any more.
//
//   <receipt type="server-error" id= to=OWN><encrypt><enc_p/><enc_iv/></encrypt><rmr jid=
//   from_me=/></receipt> <notification type="mediaretry" id= from=OWN><rmr/><encrypt/> or <error
//   code="2"/></notification>
//
//   key = HKDF-SHA256(media key, no salt, "WhatsApp Media Retry Notification", 32); AES-256-GCM under it of
//   ServerErrorReceipt{1 id} and MediaRetryNotification{1 id, 2 path, 3 result}, with the id as the
//   additional data
//
// Known from whatsmeow's mediaretry.go, Baileys' Utils/messages-media.ts and whatsapp-rust.

#include <algorithm>

#include "crypto/aes.h"
#include "crypto/hash.h"
#include "sandbox/phones/phone.h"
#include "wire/media_file.h"

namespace pigeond::sandbox {
namespace {

constexpr std::string_view kRetryKeys = "WhatsApp Media Retry Notification";
constexpr std::uint8_t kText1 = 0x0a, kText2 = 0x12, kNumber3 = 0x18;  // protobuf tags

void put_text(Bytes& out, std::uint8_t tag, std::string_view text) {
  out.push_back(tag);
  std::size_t size = text.size();
  for (; size >= 0x80; size >>= 7) out.push_back(static_cast<std::uint8_t>(size | 0x80));
  out.push_back(static_cast<std::uint8_t>(size));
  out.insert(out.end(), text.begin(), text.end());
}

Bytes retry_key(const MediaPart& part) {
  return crypto::hkdf_sha256({}, part.media_key, as_bytes(kRetryKeys), 32);
}

bool opens(const wire::Node& receipt, const MediaPart& part) {
  const wire::Node* sealed = receipt.path({"encrypt", "enc_p"});
  const wire::Node* iv = receipt.path({"encrypt", "enc_iv"});
  if (sealed == nullptr || iv == nullptr || iv->bytes().size() != 12) return false;
  const std::string id = receipt.attr("id");
  const auto opened = crypto::aes_gcm_open(retry_key(part), iv->bytes(), as_bytes(id), sealed->bytes());
  Bytes expected;
  put_text(expected, kText1, id);
  return opened && *opened == expected;
}

// Fills what the file's content is, or why it can't be read.
Status read_content(PhoneMedia& media) {
  const MediaPart& part = media.part;
  if (part.media_key.size() != wire::kMediaKey)
    return fail(Cause::malformed, "the media key has another length");
  if (part.enc_sha256.empty()) return fail(Cause::malformed, "fileEncSHA256 is missing");
  const auto keys = wire::media_keys(part.media_key, find_media_kind(part.kind)->keys);
  wire::MediaCheck check(keys);
  PIGEOND_CHECK(media.file->each([&check](ByteView piece) -> Status {
    check.update(piece);
    return {};
  }));
  PIGEOND_CHECK(check.finish(part.enc_sha256));
  wire::MediaReader reader(keys, media.file->size());
  crypto::Sha256 hash;
  Bytes content;
  PIGEOND_CHECK(media.file->each([&](ByteView piece) -> Status {
    content.clear();
    PIGEOND_CHECK(reader.read(piece, content));
    hash.update(content);
    media.length += content.size();
    return {};
  }));
  media.sha256 = to_bytes(ByteView(hash.finish()));
  if (media.sha256 != part.sha256) return fail(Cause::malformed, "fileSHA256 is not the content's");
  if (media.length != part.length)
    return fail(Cause::malformed, "fileLength is " + std::to_string(part.length) + ", and the content has " +
                                      std::to_string(media.length) + " bytes");
  if (part.mimetype.empty()) return fail(Cause::malformed, "mimetype is missing");
  return {};
}

// What `message` gets of an uploaded file, and of what is said of it.
template <typename Part>
void fill(Part& out, const PhoneFile& file, const MediaStore::Uploaded& uploaded, std::int64_t now) {
  out.url = "https://mmg.whatsapp.net" + uploaded.path;
  out.mimetype = file.mimetype;
  out.fileSHA256 = uploaded.sha256;
  out.has_fileLength = true;
  out.fileLength = uploaded.length;
  out.mediaKey = uploaded.media_key;
  out.fileEncSHA256 = uploaded.enc_sha256;
  out.directPath = uploaded.path;
  out.has_mediaKeyTimestamp = true;
  out.mediaKeyTimestamp = now;
}

template <typename Part>
void fill_once(Part& out, bool once) {
  out.has_viewOnce = once;
  out.viewOnce = once;
}

void fill_film(wa_VideoMessage& out, const PhoneFile& file, const MediaStore::Uploaded& uploaded,
               std::int64_t now) {
  fill(out, file, uploaded, now);
  fill_once(out, file.view_once);
  out.caption = file.caption;
  out.has_seconds = file.seconds > 0;
  out.seconds = file.seconds;
  out.has_gifPlayback = out.gifPlayback = file.kind == "gif";
}

wa_Message message_of(const PhoneFile& file, const MediaStore::Uploaded& uploaded, std::int64_t now) {
  wa_Message message{};
  if (file.kind == "image") {
    message.has_imageMessage = true;
    fill(message.imageMessage, file, uploaded, now);
    fill_once(message.imageMessage, file.view_once);
    message.imageMessage.caption = file.caption;
  } else if (file.kind == "ptv") {
    message.has_ptvMessage = true;
    fill_film(message.ptvMessage, file, uploaded, now);
  } else if (file.kind == "video" || file.kind == "gif") {
    message.has_videoMessage = true;
    fill_film(message.videoMessage, file, uploaded, now);
  } else if (file.kind == "audio" || file.kind == "ptt") {
    message.has_audioMessage = true;
    auto& audio = message.audioMessage;
    fill(audio, file, uploaded, now);
    fill_once(audio, file.view_once);
    audio.has_seconds = file.seconds > 0;
    audio.seconds = file.seconds;
    audio.has_ptt = audio.ptt = file.kind == "ptt";
  } else if (file.kind == "sticker") {
    message.has_stickerMessage = true;
    fill(message.stickerMessage, file, uploaded, now);
  } else {
    message.has_documentMessage = true;
    fill(message.documentMessage, file, uploaded, now);
    message.documentMessage.fileName = message.documentMessage.title = file.filename;
    message.documentMessage.caption = file.caption;
  }
  return message;
}

// Phones wrap a document that has a caption, and what is to be seen once.
wa_Message wrapped(wa_Message message, const PhoneFile& file) {
  const bool captioned = file.kind == "document" && !file.caption.empty();
  if (!captioned && !file.view_once) return message;
  wa_Message out{};
  auto content = std::make_unique<wa_Message>(std::move(message));
  if (captioned) {
    out.has_documentWithCaptionMessage = true;
    out.documentWithCaptionMessage.message = std::move(content);
  } else {
    out.has_viewOnceMessageV2 = true;
    out.viewOnceMessageV2.message = std::move(content);
  }
  return out;
}

}  // namespace

// A sender is to blame for a file that can't be read, unless a fault has made it so; but a phone says of a
// file what it was told to say.
std::optional<PhoneMedia> Phone::fetch_media(const wire::Node& stanza, const DeviceRef& sender,
                                             const wa_Message& message) {
  auto part = media_part(message);
  if (!part) return std::nullopt;
  PhoneMedia media;
  media.part = std::move(*part);
  const auto taken = media_.take(media.part.path);
  media.file = taken.blob;
  const auto read =
      media.file ? read_content(media)
                 : Status(fail(Cause::not_found, "the path \"" + media.part.path + "\" leads nowhere"));
  if (!read) {
    media.unreadable = read.error().detail;
    media.file = nullptr;
    if (!taken.excused && sender.number != 0)
      world_.violation("media-unreadable", &sender, media.part.kind + ": " + media.unreadable, &stanza);
  }
  return media;
}

Result<std::string> Phone::send_file(const std::string& to, const PhoneFile& file) {
  const MediaKind* kind = find_media_kind(file.kind);
  if (kind == nullptr) return fail(Cause::bad_input, "kind");
  PIGEOND_CHECK(chat_named(to));
  const auto uploaded = media_.upload(self(), *kind, file.content);
  const wa_Message message = wrapped(message_of(file, uploaded, world_.now.unix_seconds()), file);
  Look look;
  look.type = "media";
  look.media = file.kind;
  PIGEOND_TRY(const std::string id, send_content(to, wire::proto::encode(message), look, {}));
  PhoneMedia media;
  media.part = *media_part(message);
  media.sha256 = uploaded.sha256;
  media.length = uploaded.length;
  media.file = uploaded.blob;
  log_.find(id)->media = std::move(media);
  return id;
}

void Phone::reupload(const wire::Node& receipt, const DeviceRef& companion) {
  const std::string id = receipt.attr("id");
  const wire::Node& named = *receipt.child("rmr");
  PhoneMessage* message = log_.find(id);
  const auto chat = named.jid("jid");
  const auto author = named.jid("participant");
  const auto blame = [&](const std::string& why) {
    world_.violation("media-retry", &companion, why, &receipt);
  };
  if (!chat || (!named.is("from_me", "true") && !named.is("from_me", "false")))
    return blame("rmr does not name a message");
  if (chat->is_group() && !author) blame("rmr names no participant in a group");
  if (message != nullptr) {
    const bool same_chat =
        chat->is_group() ? message->chat == *chat : world_.account(message->chat) == world_.account(*chat);
    if (!same_chat || message->from_me != named.is("from_me", "true"))
      return blame("rmr names another message than the id");
    if (author && world_.account(*author) != world_.account(message->from))
      return blame("rmr names another author");
  }
  wire::Node answer("notification"), rmr("rmr");
  rmr.set("jid", *chat).set("from_me", named.attr("from_me")).set("participant", named.attr("participant"));
  answer.set("type", "mediaretry").set("id", id).set("from", account().jid(Form::pn));
  answer.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds())).add(std::move(rmr));
  PhoneMedia* media = message == nullptr || !message->media ? nullptr : &*message->media;
  const auto wanted = media == nullptr ? Reupload::error : media->reupload;
  if (wanted == Reupload::none) return;
  if (wanted == Reupload::error) {
    answer.add(wire::Node("error").set("code", "2"));
    return router_.notify(companion, std::move(answer));
  }
  constexpr int kGeneral = 0, kSuccess = 1, kNotFound = 2, kDecryption = 3;
  int result = wanted == Reupload::general_error ? kGeneral
               : wanted == Reupload::not_found   ? kNotFound
               : wanted == Reupload::upload      ? kSuccess
                                                 : kDecryption;
  if (!opens(receipt, media->part)) {
    blame("a request for another upload that can't be opened");
    result = kDecryption;
  } else if (result == kSuccess && !media->file) {
    result = kNotFound;
  }
  Bytes plain;
  put_text(plain, kText1, id);
  if (result == kSuccess) {
    Key32 token;
    std::copy(media->part.enc_sha256.begin(), media->part.enc_sha256.end(), token.begin());
    media->part.path =
        media_.put(self(), *find_media_kind(media->part.kind), media->file, token, false, true);
    put_text(plain, kText2, media->part.path);
  }
  plain.push_back(kNumber3);
  plain.push_back(static_cast<std::uint8_t>(result));
  const auto iv = world_.random.array<12>();
  wire::Node encrypt("encrypt");
  encrypt.add(wire::Node("enc_p").body(
      crypto::aes_gcm_seal(retry_key(media->part), ByteView(iv), as_bytes(id), plain)));
  encrypt.add(wire::Node("enc_iv").body(to_bytes(ByteView(iv))));
  router_.notify(companion, answer.add(std::move(encrypt)));
}

}  // namespace pigeond::sandbox
