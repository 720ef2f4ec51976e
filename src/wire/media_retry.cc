#include "wire/media_retry.h"

#include <algorithm>

#include "crypto/aes.h"
#include "crypto/hash.h"

namespace pigeond::wire {
namespace {

constexpr std::string_view kInfo = "WhatsApp Media Retry Notification";

Result<Bytes> opened(ByteView media_key, std::string_view message_id, ByteView iv, ByteView enc_p) {
  if (iv.size() != kMediaRetryIv) return fail(Cause::malformed, "media retry: iv");
  return crypto::aes_gcm_open(media_retry_key(media_key), iv, as_bytes(message_id), enc_p);
}

template <typename Message>
Result<Message> read(ByteView media_key, std::string_view message_id, ByteView iv, ByteView enc_p) {
  PIGEOND_TRY(const Bytes plain, opened(media_key, message_id, iv, enc_p));
  auto message = proto::decode<Message>(plain);
  if (!message) return fail(Cause::malformed, "media retry: " + message.error().detail);
  if (message->stanzaID != message_id) return fail(Cause::malformed, "media retry: of another message");
  return message;
}

}  // namespace

Key32 media_retry_key(ByteView media_key) {
  const Bytes bytes = crypto::hkdf_sha256({}, media_key, as_bytes(kInfo), Key32().size());
  Key32 key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Bytes seal_media_retry(ByteView media_key, std::string_view message_id, ByteView iv) {
  wa_ServerErrorReceipt request{};
  request.stanzaID = message_id;
  return crypto::aes_gcm_seal(media_retry_key(media_key), iv, as_bytes(message_id), proto::encode(request));
}

Result<wa_MediaRetryNotification> open_media_retry(ByteView media_key, std::string_view message_id,
                                                   ByteView iv, ByteView enc_p) {
  return read<wa_MediaRetryNotification>(media_key, message_id, iv, enc_p);
}

Status open_media_retry_request(ByteView media_key, std::string_view message_id, ByteView iv,
                                ByteView enc_p) {
  PIGEOND_CHECK(read<wa_ServerErrorReceipt>(media_key, message_id, iv, enc_p));
  return {};
}

Bytes seal_media_retry_answer(ByteView media_key, const wa_MediaRetryNotification& answer, ByteView iv) {
  return crypto::aes_gcm_seal(media_retry_key(media_key), iv, as_bytes(answer.stanzaID),
                              proto::encode(answer));
}

}  // namespace pigeond::wire
