#include "api/waha/config/session_config.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

using gateway::RetryPolicy;
using gateway::Topic;
using gateway::Topics;

TEST(SessionConfig, ReadsEveryFieldItKnows) {
  const auto config = parse_session_config(R"({
    "metadata": {"customer": "17"},
    "ignore": {"status": true, "groups": null, "channels": true, "broadcast": false},
    "webhooks": [{
      "url": "https://example.org:8443/hook?x=1",
      "events": ["message", "session.status"],
      "hmac": {"key": "secret"},
      "retries": {"delaySeconds": 0.5, "attempts": 3, "policy": "exponential"},
      "customHeaders": [{"name": "X-Token", "value": "abc"}]
    }]})");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->metadata.at("customer"), "17");
  EXPECT_TRUE(config->ignored.status);
  EXPECT_FALSE(config->ignored.groups);
  EXPECT_TRUE(config->ignored.channels);
  EXPECT_FALSE(config->ignored.broadcasts);
  ASSERT_EQ(config->webhooks.size(), 1u);
  const auto& webhook = config->webhooks[0];
  EXPECT_EQ(webhook.url, "https://example.org:8443/hook?x=1");
  EXPECT_EQ(webhook.topics, (Topics{Topic::message_in, Topic::session_status}));
  EXPECT_EQ(webhook.hmac_key, "secret");
  EXPECT_EQ(webhook.retries.kind, RetryPolicy::Kind::exponential);
  EXPECT_EQ(webhook.retries.delay_seconds, 0.5);
  EXPECT_EQ(webhook.retries.attempts, 3);
  ASSERT_EQ(webhook.headers.size(), 1u);
  EXPECT_EQ(webhook.headers[0].second, "abc");
}

TEST(SessionConfig, WhatIsSaidOfRetriesIsFilledUpAsByWaha) {
  const auto config = parse_session_config(R"({"webhooks":[{"url":"http://h/","events":["*"]},
      {"url":"http://h/2","events":["*"],"retries":{}}, {"url":"http://h/3","events":["*"],"retries":{"attempts":4}}]})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->webhooks[0].retries, RetryPolicy{});
  EXPECT_EQ(config->webhooks[1].retries, RetryPolicy{});
  EXPECT_EQ(config->webhooks[2].retries, (RetryPolicy{RetryPolicy::Kind::constant, 2, 4, kHour}));
}

TEST(SessionConfig, SaysHowDeliveriesGoOut) {
  const auto config =
      parse_session_config(R"({"webhooks":[{"url":"http://u:p@h/","events":["*"]},{"url":"http://h/",
      "events":["*"],"timeoutSeconds":300,"connections":32,"order":"strict","batch":100}]})");
  ASSERT_TRUE(config) << config.error().detail;
  const auto& usual = config->webhooks[0];
  EXPECT_EQ(usual.timeout, 30 * kSecond);
  EXPECT_EQ(usual.connections, 8);
  EXPECT_FALSE(usual.strict);
  EXPECT_EQ(usual.batch, 0);
  const auto& told = config->webhooks[1];
  EXPECT_EQ(told.timeout, 300 * kSecond);
  EXPECT_EQ(told.connections, 32);
  EXPECT_TRUE(told.strict);
  EXPECT_EQ(told.batch, 100);
}

TEST(SessionConfig, AStoredWebhookIsNotLostForAKeyThatNobodyKnows) {
  const std::string text = R"({"webhooks":[{"url":"http://h/","events":["*"],"typo":1,"batch":"many"}]})";
  EXPECT_FALSE(parse_session_config(text));
  const auto stored = parse_session_config(text, ConfigKeys::any);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->webhooks.size(), 1u);
}

TEST(SessionConfig, OneUrlHasOneKeyThoughItsEventsMayBeTwoEntries) {
  const std::string first = R"({"webhooks":[{"url":"http://h/","events":["message"],"hmac":{"key":"k"}},)";
  EXPECT_TRUE(
      parse_session_config(first + R"({"url":"http://h/","events":["message.ack"],"hmac":{"key":"k"}}]})"));
  const std::string other = first + R"({"url":"http://h/","events":["message.ack"],"hmac":{"key":"l"}}]})";
  EXPECT_FALSE(parse_session_config(other));
  EXPECT_TRUE(parse_session_config(other, ConfigKeys::any)) << "a stored one is read as it is";
}

TEST(SessionConfig, ReadsHowMessagesWaitAndNamesWhatIsWrongWithIt) {
  const auto none = parse_session_config("{}");
  EXPECT_EQ(none->expires_in, 0);
  EXPECT_EQ(none->pacing, engine::PacingPolicy::standard);
  const auto config = parse_session_config(R"({"outbox":{"expiresIn":60},"pacing":"strict"})");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->expires_in, 60000);
  EXPECT_EQ(config->pacing, engine::PacingPolicy::strict);
  EXPECT_EQ(parse_session_config(R"({"pacing":"off"})")->pacing, engine::PacingPolicy::off);
  for (const char* wrong : {R"({"outbox":{"expiresIn":-1}})", R"({"outbox":{"expiresIn":1.5}})",
                            R"({"outbox":{"expiresIn":1e30}})", R"({"outbox":{"expiresIn":"60"}})"}) {
    const auto refused = parse_session_config(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_NE(refused.error().detail.find("config.outbox.expiresIn"), std::string::npos) << wrong;
  }
  for (const char* wrong : {R"({"pacing":"slow"})", R"({"pacing":true})"}) {
    const auto refused = parse_session_config(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_NE(refused.error().detail.find("config.pacing"), std::string::npos) << wrong;
  }
}

TEST(SessionConfig, KeepsWhatItDoesNotKnowAsItCame) {
  const std::string text = R"({"noweb":{"store":{"enabled":true}},"debug":false})";
  const auto config = parse_session_config(text);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->raw, text);
}

TEST(SessionConfig, TakesNothingForAnEmptyConfig) {
  const auto config = parse_session_config("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->raw, "{}");
  EXPECT_TRUE(config->webhooks.empty());
}

struct Wrong {
  const char* json;
  const char* field;
};

class SessionConfigRefuses : public ::testing::TestWithParam<Wrong> {};

TEST_P(SessionConfigRefuses, AndNamesTheField) {
  const auto config = parse_session_config(GetParam().json);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.cause(), Cause::bad_input);
  const std::string prefix = std::string(GetParam().field) + ": ";
  EXPECT_EQ(config.error().detail.substr(0, prefix.size()), prefix) << config.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, SessionConfigRefuses,
    ::testing::Values(
        Wrong{"{", "config"}, Wrong{"[]", "config"}, Wrong{"\"x\"", "config"},
        Wrong{R"({"metadata":[]})", "config.metadata"}, Wrong{R"({"metadata":{"a":1}})", "config.metadata.a"},
        Wrong{R"({"ignore":true})", "config.ignore"},
        Wrong{R"({"ignore":{"groups":"yes"}})", "config.ignore.groups"},
        Wrong{R"({"webhooks":{}})", "config.webhooks"}, Wrong{R"({"webhooks":[1]})", "config.webhooks[0]"},
        Wrong{R"({"webhooks":[{"events":[]}]})", "config.webhooks[0].url"},
        Wrong{R"({"webhooks":[{"url":5,"events":[]}]})", "config.webhooks[0].url"},
        Wrong{R"({"webhooks":[{"url":"ftp://h/","events":[]}]})", "config.webhooks[0].url"},
        Wrong{R"({"webhooks":[{"url":"wss://h/","events":[]}]})", "config.webhooks[0].url"},
        Wrong{R"({"webhooks":[{"url":"http://u%zz:p@h/","events":[]}]})", "config.webhooks[0].url"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"typo":1}]})", "config.webhooks[0].typo"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"typo":null}]})", "config.webhooks[0].typo"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"hmac":{"secret":"k"}}]})",
              "config.webhooks[0].hmac.secret"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"retries":{"delay":1}}]})",
              "config.webhooks[0].retries.delay"},
        Wrong{
            R"({"webhooks":[{"url":"http://h/","events":[],"customHeaders":[{"name":"A","value":"b","x":1}]}]})",
            "config.webhooks[0].customHeaders[0].x"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"timeoutSeconds":0}]})",
              "config.webhooks[0].timeoutSeconds"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"timeoutSeconds":301}]})",
              "config.webhooks[0].timeoutSeconds"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"connections":33}]})",
              "config.webhooks[0].connections"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"batch":101}]})", "config.webhooks[0].batch"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[],"order":"any"}]})", "config.webhooks[0].order"},
        Wrong{R"({"webhooks":[{"url":"http://h/"}]})", "config.webhooks[0].events"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":"*"}]})", "config.webhooks[0].events"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["message","massage"]}]})",
              "config.webhooks[0].events[1]"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":[7]}]})", "config.webhooks[0].events[0]"},
        Wrong{
            R"({"webhooks":[{"url":"http://h/","events":["*"]},{"url":"http://h/","events":["*"],"hmac":"k"}]})",
            "config.webhooks[1].hmac"},
        Wrong{
            R"({"webhooks":[{"url":"http://h/","events":["message"]},{"url":"http://h/","events":["message.ack"],"hmac":{"key":"k"}}]})",
            "config.webhooks[1].url"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["*"],"hmac":{"key":1}}]})",
              "config.webhooks[0].hmac.key"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["*"],"retries":{"delaySeconds":-1}}]})",
              "config.webhooks[0].retries.delaySeconds"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["*"],"retries":{"attempts":1.5}}]})",
              "config.webhooks[0].retries.attempts"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["*"],"retries":{"policy":"often"}}]})",
              "config.webhooks[0].retries.policy"},
        Wrong{R"({"webhooks":[{"url":"http://h/","events":["*"],"customHeaders":[{"name":"A"}]}]})",
              "config.webhooks[0].customHeaders[0].value"},
        Wrong{
            R"({"webhooks":[{"url":"http://h/","events":["*"],"customHeaders":[{"name":"A B","value":"x"}]}]})",
            "config.webhooks[0].customHeaders[0]"},
        Wrong{
            R"({"webhooks":[{"url":"http://h/","events":["*"],"customHeaders":[{"name":"A","value":"x\r\ny"}]}]})",
            "config.webhooks[0].customHeaders[0]"}));

TEST(SessionConfig, RefusesWhatIsTooLargeOrTooDeep) {
  const auto large = parse_session_config("{\"a\":\"" + std::string(limits::kSessionConfig, 'x') + "\"}");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.cause(), Cause::too_large);
  const auto deep = parse_session_config("{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.cause(), Cause::bad_input);
}

TEST(SessionConfig, NamesThatNobodyIsToldOfAreRefusedWithTheListAndStoredOnesStay) {
  const std::string raw = R"({"webhooks":[{"url":"http://h/","events":["message","label.upsert"]}]})";
  const auto fresh = parse_session_config(raw);
  ASSERT_FALSE(fresh);
  for (const char* part :
       {"config.webhooks[0].events[1]", "label.upsert", "session.status", "message.ack.group"})
    EXPECT_NE(fresh.error().detail.find(part), std::string::npos) << fresh.error().detail;
  const auto stored = parse_session_config(raw, ConfigKeys::any);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->webhooks.at(0).topics, Topics{Topic::message_in});
  EXPECT_EQ(stored->raw, raw);
}

TEST(SessionConfig, AStoredOneOfAnOlderVersionIsRead) {
  const std::string raw = R"({"webhooks":[{"url":"http://h/","events":["label.upsert"],"typo":1}]})";
  const auto stored = read_stored_config(raw);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->webhooks.at(0).topics.empty());
  EXPECT_EQ(shown_config(*stored), Json::parse(raw));
  EXPECT_FALSE(read_stored_config("no JSON"));
}

TEST(SessionConfig, WhatCannotBeReadIsShownAsNothing) {
  gateway::SessionConfig config;
  for (const char* raw : {"", "no JSON", "[1]"}) {
    config.raw = raw;
    EXPECT_EQ(dump(shown_config(config)), "{}") << raw;
  }
}

}  // namespace
}  // namespace pigeond::api::waha
