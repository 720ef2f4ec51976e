// What an answer that refuses says of when to ask again (RFC 9110, 10.2.3).
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

}  // namespace
}  // namespace pigeond::api
