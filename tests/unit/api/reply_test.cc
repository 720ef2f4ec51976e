// What an answer that refuses says: when to ask again (RFC 9110, 10.2.3), what a person can do, and its
// status in words.
#include "api/reply.h"

#include <gtest/gtest.h>

#include <optional>

namespace pigeond::api {
namespace {

std::optional<std::string> asks_to_wait(const Error& error) {
  for (const auto& [name, value] : failure_reply(error).headers)
    if (name == "Retry-After") return value;
  return std::nullopt;
}

TEST(FailureReply, ARefusalBecauseTheProcessEndsSaysWhenToAskAgain) {
  const Error error = fail(Cause::shutting_down, "the gateway is stopping");
  EXPECT_EQ(http_status(error), 503);
  EXPECT_EQ(asks_to_wait(error), "5");
}

TEST(FailureReply, AWaitThatIsKnownIsRoundedUpToWholeSeconds) {
  Error error = fail(Cause::reachout_locked, "until tomorrow");
  error.retry_after = 1500;
  EXPECT_EQ(asks_to_wait(error), "2");
  error.cause = Cause::shutting_down;
  EXPECT_EQ(asks_to_wait(error), "2");
}

TEST(FailureReply, WhereNobodyKnowsNothingIsSaid) {
  EXPECT_EQ(asks_to_wait(fail(Cause::not_on_whatsapp, "chatId")), std::nullopt);
}

TEST(FailureReply, WhateverIsAnsweredWith503SaysWhatToDo) {
  for (int value = 0; value <= static_cast<int>(Cause::internal); ++value) {
    const auto cause = static_cast<Cause>(value);
    if (http_status(fail(cause)) != 503) continue;
    const auto body = Json::parse(failure_reply(fail(cause)).body);
    EXPECT_NE(body.value("hint", ""), "") << cause_name(cause);
  }
}

// All that the door answers by itself, before any handler, and what handlers answer.
TEST(ReasonPhrase, EachStatusThatIsAnsweredHasItsWords) {
  for (const int status : {400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 416,
                           417, 422, 426, 429, 431, 500, 501, 502, 503, 504, 505})
    EXPECT_NE(reason_phrase(status), reason_phrase(599)) << status;
  EXPECT_EQ(Json::parse(error_body(417, "Expect can only be 100-continue"))["error"], "Expectation Failed");
  EXPECT_EQ(Json::parse(error_body(505, {}))["message"], "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(413), "Payload Too Large");  // as WAHA says it
  EXPECT_EQ(reason_phrase(422), "Unprocessable Entity");
}

TEST(ErrorReply, NamesTheCauseOfWhatIsWrongWithARequestAndEndsItsLine) {
  EXPECT_EQ(Json::parse(error_body(400, "text"))["cause"], "bad_input");
  EXPECT_EQ(Json::parse(error_body(404, {}))["cause"], "not_found");
  for (const int status : {400, 404, 503}) EXPECT_EQ(error_body(status, {}).back(), '\n') << status;
}

TEST(FailureReply, OfAMessageThatIsNamedAdvisesNobodyToWait) {
  const auto hint = [](Error error) { return Json::parse(failure_reply(error).body).contains("hint"); };
  EXPECT_TRUE(hint(fail(Cause::forbidden, "restricted", 403)));
  EXPECT_FALSE(hint(fail(Cause::forbidden, Field::target, "is somebody else's, and can't be edited")));
}

}  // namespace
}  // namespace pigeond::api
