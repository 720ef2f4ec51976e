#include "wire/media_retry.h"

#include "crypto/aes.h"
#include "vectors.h"

namespace pigeond::wire {
namespace {

using test::hex;

const Bytes kKey(32, 7), kIv(12, 9);

wa_MediaRetryNotification answer_for(const std::string& id) {
  wa_MediaRetryNotification answer{};
  answer.stanzaID = id;
  answer.has_result = true;
  answer.result = wa_MediaRetryNotification_ResultType_SUCCESS;
  answer.directPath = "/v/1";
  answer.messageSecret = Bytes(32, 1);
  return answer;
}

TEST(MediaRetry, RequestsAndAnswersAreThoseOfOthers) {
  std::size_t answers = 0;
  for (const auto& vector : test::load_vectors("media-vectors.json", "retries")) {
    const Bytes key = hex(vector["media_key"]), iv = hex(vector["iv"]), request = hex(vector["request"]);
    const auto id = vector["id"].get<std::string>();
    EXPECT_EQ(hex_lower(media_retry_key(key)), vector["key"]);
    EXPECT_EQ(seal_media_retry(key, id, iv), request);
    EXPECT_TRUE(open_media_retry_request(key, id, iv, request));
    if (!vector.contains("answer")) continue;
    ++answers;
    const auto answer = open_media_retry(key, id, iv, hex(vector["answer"]));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->stanzaID, id);
    EXPECT_EQ(answer->result, vector["result"].get<std::int32_t>());
    EXPECT_EQ(answer->directPath, vector["direct_path"].get<std::string>());
    EXPECT_EQ(hex_lower(seal_media_retry_answer(key, *answer, iv)), vector["answer"]);
  }
  EXPECT_EQ(answers, 1U);
}

TEST(MediaRetry, AnAnswerIsForOneMessageAndOneFile) {
  const Bytes sealed = seal_media_retry_answer(kKey, answer_for("A"), kIv);
  const auto answer = open_media_retry(kKey, "A", kIv, sealed);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->messageSecret, Bytes(32, 1));
  EXPECT_EQ(open_media_retry(kKey, "B", kIv, sealed).cause(), Cause::bad_mac);
  EXPECT_EQ(open_media_retry(Bytes(32, 8), "A", kIv, sealed).cause(), Cause::bad_mac);
  EXPECT_EQ(open_media_retry(kKey, "A", Bytes(12, 8), sealed).cause(), Cause::bad_mac);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes spoilt = sealed;
    spoilt[i] ^= 1;
    EXPECT_EQ(open_media_retry(kKey, "A", kIv, spoilt).cause(), Cause::bad_mac) << i;
  }
}

TEST(MediaRetry, WhatNoPhoneSendsIsMalformed) {
  const Bytes sealed = seal_media_retry_answer(kKey, answer_for("A"), kIv);
  for (const std::size_t size : {0u, 11u, 13u, 16u})
    EXPECT_EQ(open_media_retry(kKey, "A", Bytes(size, 9), sealed).cause(), Cause::malformed) << size;
  EXPECT_EQ(open_media_retry(kKey, "A", kIv, {}).cause(), Cause::bad_mac);
  const Key32 key = media_retry_key(kKey);
  const Bytes other = crypto::aes_gcm_seal(key, kIv, as_bytes("A"), proto::encode(answer_for("B")));
  EXPECT_EQ(open_media_retry(kKey, "A", kIv, other).cause(), Cause::malformed);
  const Bytes cut = crypto::aes_gcm_seal(key, kIv, as_bytes("A"), hex("0a05"));
  EXPECT_EQ(open_media_retry(kKey, "A", kIv, cut).cause(), Cause::malformed);
}

}  // namespace
}  // namespace pigeond::wire
