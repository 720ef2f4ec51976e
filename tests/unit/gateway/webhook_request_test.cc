#include "gateway/webhooks/request.h"

#include "gateway/webhooks/target.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

TEST(WebhookTarget, UserAndPasswordGoIntoAuthorizationAndNowhereElse) {
  const auto target = webhook_target("https://us%40er:p%3Aa@ss@Host:8443/hook?a=b@c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->url, "https://Host:8443/hook?a=b@c");
  EXPECT_EQ(target->host, "host:8443");
  EXPECT_EQ(target->authorization, "Basic " + base64(as_bytes("us@er:p:a@ss")));
  EXPECT_EQ(webhook_shown("https://user:secret@host/"), "https://user:***@host/");
  EXPECT_EQ(webhook_shown("https://user@host/"), "https://user@host/");
  EXPECT_EQ(webhook_shown("https://host/a:b@c"), "https://host/a:b@c");
  EXPECT_EQ(webhook_host("http://user:secret@host/"), "host");
  EXPECT_EQ(webhook_target("http://host/@")->authorization, "");
  EXPECT_EQ(webhook_target("http://user@host/")->authorization, "Basic " + base64(as_bytes("user:")));
  for (const char* url : {"http://u%zz:p@host/", "http://u%3Aa:p@host/", "http://u:p@/", "ftp://host/",
                          "http://", "http://u:p%@host/"})
    EXPECT_FALSE(webhook_target(url)) << url;
}

std::string header(const net::HttpClientRequest& request, const std::string& name) {
  return std::string(net::find_header(request.headers, name).value_or("none"));
}

TEST(WebhookRequest, OwnHeadersWinOverTheUrlsAuthorizationButNotOverWhatIsPromised) {
  WebhookConfig webhook;
  webhook.url = "http://user:password@host/";
  const Marks marks;
  WebhookItem delivery{17, 0, "evt_1", "{}", 1700000000000};
  auto request = webhook_request(webhook, {delivery}, 2, {"", "pigeond/test"}, &marks);
  EXPECT_EQ(request.url, "http://host/");
  EXPECT_EQ(header(request, "Authorization"), "Basic dXNlcjpwYXNzd29yZA==");
  EXPECT_EQ(header(request, "Mark-Id"), "evt_1-17");
  EXPECT_EQ(header(request, "Mark-Attempt"), "3");
  EXPECT_EQ(header(request, "User-Agent"), "pigeond/test");
  webhook.headers = {{"authorization", "Bearer t"}, {"mark-attempt", "9"}};
  request = webhook_request(webhook, {delivery}, 0, {}, &marks);
  EXPECT_EQ(header(request, "Authorization"), "Bearer t");
  EXPECT_EQ(header(request, "Mark-Attempt"), "1");
}

class Judgement : public ::testing::Test {
 protected:
  WebhookVerdict judge(const Result<net::HttpResponse>& answer, int failures = 1) {
    return judge_webhook(webhook, answer, failures, {0, 1700000000000}, random);
  }
  static net::HttpResponse status(int number) {
    net::HttpResponse response;
    response.status = number;
    return response;
  }
  using What = WebhookVerdict::What;
  WebhookConfig webhook;
  SeededRandom random{1};
};

TEST_F(Judgement, DefaultRetriesGoOnForADay) {
  Millis all = 0;
  int failures = 1;
  for (; judge(status(503), failures).what == What::again; ++failures) {
    const auto wait = judge(status(503), failures).wait;
    EXPECT_LE(wait, 5 * kMinute);
    all += wait;
  }
  EXPECT_GT(all, kDay);
  EXPECT_LT(all, 2 * kDay);
  EXPECT_EQ(judge(status(503), failures).what, What::given_up);
}

TEST_F(Judgement, TheReasonHasTheDetailInWords) {
  EXPECT_EQ(judge(status(503)).why, "status 503");
  EXPECT_EQ(judge(fail(Cause::tls, "host:443: certificate is for another name")).why,
            "tls: host:443: certificate is for another name");
  const auto clipped = judge(fail(Cause::resolve, std::string(186, 'x') + "ääääääää")).why;
  EXPECT_LE(clipped.size(), 200U);
  EXPECT_GT(clipped.size(), 195U);
  EXPECT_TRUE(is_valid_utf8(clipped));
}

TEST_F(Judgement, WhereNothingMayGoNothingIsTriedAgain) {
  const auto denied = fail(Cause::network_denied, "169.254.169.254 is in a denied network");
  for (const char* url : {"http://169.254.169.254/", "http://u:p@169.254.169.254:80/", "http://[fe80::1]/"}) {
    webhook.url = url;
    EXPECT_EQ(judge(denied).what, What::given_up) << url;
  }
  webhook.url = "http://receiver.example/";
  EXPECT_EQ(judge(denied).what, What::again) << "a name may be another address's soon";
  EXPECT_EQ(judge(denied, webhook.retries.attempts + 1).what, What::given_up);
  EXPECT_EQ(judge(fail(Cause::io, "refused")).what, What::again);
}

TEST_F(Judgement, AReceiverThatMayStillBeAtWorkIsNotCalledAgainOnItsHeels) {
  webhook.retries = {RetryPolicy::Kind::constant, 2, 15, kHour};
  webhook.timeout = 40 * kSecond;
  EXPECT_EQ(judge(fail(Cause::timed_out, "not connected")).wait, 2 * kSecond);
  EXPECT_GE(judge(fail(Cause::no_ack, "sent whole")).wait, 40 * kSecond);
  EXPECT_GE(judge(fail(Cause::no_ack, "sent whole"), 4).wait, 320 * kSecond);
}

TEST_F(Judgement, RetryAfterHoldsTheNextTry) {
  auto answer = status(429);
  answer.headers = {{"Retry-After", "600"}};
  const auto verdict = judge(answer);
  EXPECT_EQ(verdict.wait, 600 * kSecond);
  EXPECT_TRUE(verdict.held);
  EXPECT_FALSE(judge(status(429)).held);
}

TEST(RetryAfter, IsSecondsOrADate) {
  const Instant now{0, 1700000000000};  // Tue, 14 Nov 2023 22:13:20 GMT
  const auto after = [&](std::vector<net::HttpHeader> headers) {
    net::HttpResponse response;
    response.headers = std::move(headers);
    return retry_after(response, now);
  };
  EXPECT_EQ(after({}), 0);
  EXPECT_EQ(after({{"Retry-After", "120"}}), 120 * kSecond);
  EXPECT_EQ(after({{"Retry-After", "99999999"}}), kHour);
  EXPECT_EQ(after({{"Retry-After", "soon"}}), 0);
  EXPECT_EQ(after({{"Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT"}}), kMinute);
  EXPECT_EQ(after({{"Retry-After", "Tue, 14 Nov 2023 21:14:20 GMT"}}), 0) << "in the past";
  EXPECT_EQ(after({{"Retry-After", "Wed, 15 Nov 2023 22:13:20 GMT"}}), kHour);
  EXPECT_EQ(
      after({{"Retry-After", "Fri, 01 Jan 2021 00:00:30 GMT"}, {"Date", "Fri, 01 Jan 2021 00:00:00 GMT"}}),
      30 * kSecond)
      << "a receiver whose clock is another";
}

TEST(RetryDelay, FollowsThePolicy) {
  SeededRandom random(1);
  const RetryPolicy constant{RetryPolicy::Kind::constant, 2, 15, kHour},
      linear{RetryPolicy::Kind::linear, 2, 15, kHour},
      exponential{RetryPolicy::Kind::exponential, 2, 15, kHour};
  EXPECT_EQ(retry_delay(constant, 1, random), 2000);
  EXPECT_EQ(retry_delay(constant, 9, random), 2000);
  EXPECT_EQ(retry_delay(linear, 3, random), 6000);
  for (int i = 0; i < 100; ++i) {
    const Millis delay = retry_delay(exponential, 3, random);
    EXPECT_GE(delay, 16000);
    EXPECT_LE(delay, 19200);
  }
  EXPECT_EQ(retry_delay(exponential, 1000, random), kHour);
}

}  // namespace
}  // namespace pigeond::gateway
