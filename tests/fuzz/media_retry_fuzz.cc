// What a phone answers when it is asked for a file: any bytes as what it sealed, and as the seal itself. What
// is opened names the message that it was asked for, and sealed again it says the same.
#include <algorithm>
#include <cstdlib>

#include "crypto/aes.h"
#include "wire/media_retry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const ByteView all(data, size);
  const Bytes media_key(32, 7), iv(wire::kMediaRetryIv, 9);
  if (wire::open_media_retry(media_key, "A", iv, all)) std::abort();
  (void)wire::open_media_retry(media_key, "A", all.first(std::min<std::size_t>(size, 16)), all);

  const Bytes sealed = crypto::aes_gcm_seal(wire::media_retry_key(media_key), iv, as_bytes("A"), all);
  const auto answer = wire::open_media_retry(media_key, "A", iv, sealed);
  if (!answer) return 0;
  if (answer->stanzaID != "A") std::abort();
  const Bytes again = wire::seal_media_retry_answer(media_key, *answer, iv);
  const auto same = wire::open_media_retry(media_key, "A", iv, again);
  if (!same || same->directPath != answer->directPath || same->result != answer->result ||
      same->messageSecret != answer->messageSecret)
    std::abort();
  return 0;
}
