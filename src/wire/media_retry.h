// Asking the phone for a file that the media servers no longer have: it uploads the file once more and says
// under which path. Both directions are sealed with a key of that file's:
//
//   key   = HKDF-SHA256(media key, no salt, "WhatsApp Media Retry Notification", 32)
//   enc_p = AES-256-GCM(key, iv of 12 bytes, protobuf, AAD = message id) | tag of 16 bytes
//
// enc_p and iv are what the receipt (`server-error`) and the notification (`mediaretry`) have in their
// <encrypt>. whatsmeow mediaretry.go and Baileys Utils/messages-media.ts agree in all of it.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/proto.h"

namespace pigeond::wire {

inline constexpr std::size_t kMediaRetryIv = 12;  // bytes

Key32 media_retry_key(ByteView media_key);

// The request's enc_p for a message of that id. The iv has 12 bytes that no other request has had: it is the
// caller's randomness.
Bytes seal_media_retry(ByteView media_key, std::string_view message_id, ByteView iv);
// What a phone answers to it: an absent result is GENERAL_ERROR, and only with SUCCESS there is a directPath
// to ask for. malformed: an iv of another size, no such protobuf, or one that names another message. bad_mac:
// sealed with another file's key, or for another message.
Result<wa_MediaRetryNotification> open_media_retry(ByteView media_key, std::string_view message_id,
                                                   ByteView iv, ByteView enc_p);

// The phone's side of both.
Status open_media_retry_request(ByteView media_key, std::string_view message_id, ByteView iv, ByteView enc_p);
Bytes seal_media_retry_answer(ByteView media_key, const wa_MediaRetryNotification& answer, ByteView iv);

}  // namespace pigeond::wire
