// What browsers are told of who may read answers. The requests are those of the Fetch standard's CORS
// protocol.
#include "api/cors.h"

#include <gtest/gtest.h>

#include <map>

namespace pigeond::api {
namespace {

constexpr const char* kPage = "https://crm.example";

std::map<std::string, std::string> headers_of(const net::HttpReply& reply) {
  return {reply.headers.begin(), reply.headers.end()};
}

net::HttpRequest preflight_from(const std::string& origin) {
  net::HttpRequest request;
  request.method = "OPTIONS";
  request.headers = {{"origin", origin},
                     {"access-control-request-method", "POST"},
                     {"access-control-request-headers", "content-type,x-api-key"}};
  return request;
}

net::HttpRequest get_from(const std::string& origin) {
  net::HttpRequest request;
  request.method = "GET";
  if (!origin.empty()) request.headers = {{"origin", origin}};
  return request;
}

TEST(Cors, IsOffUnlessOriginsAreListed) {
  const auto cors = Cors::parse("");
  ASSERT_TRUE(cors);
  EXPECT_FALSE(cors->on());
  EXPECT_FALSE(cors->preflight(preflight_from(kPage)));
  net::HttpReply reply;
  cors->permit(get_from(kPage), reply);
  EXPECT_TRUE(reply.headers.empty());
}

TEST(Cors, AListedPageMayAskForWhatItAsksForAndReadTheAnswer) {
  const auto cors = Cors::parse("http://localhost:5173, https://crm.example");
  ASSERT_TRUE(cors);
  const auto reply = cors->preflight(preflight_from(kPage));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 204);
  auto headers = headers_of(*reply);
  EXPECT_EQ(headers["Access-Control-Allow-Origin"], kPage);
  EXPECT_EQ(headers["Access-Control-Allow-Headers"], "content-type,x-api-key");
  EXPECT_NE(headers["Access-Control-Allow-Methods"].find("DELETE"), std::string::npos);
  net::HttpReply answer;
  cors->permit(get_from(kPage), answer);
  headers = headers_of(answer);
  EXPECT_EQ(headers["Access-Control-Allow-Origin"], kPage);
  EXPECT_EQ(headers["Vary"], "Origin") << "a cache must not show it to another page";
  EXPECT_EQ(headers.count("Access-Control-Allow-Credentials"), 0u);
}

TEST(Cors, APageThatIsNotListedGetsNoPermission) {
  const auto cors = Cors::parse(kPage);
  for (const char* other :
       {"https://crm.example.evil", "http://crm.example", "https://crm.example:8443", "null"}) {
    const auto reply = cors->preflight(preflight_from(other));
    ASSERT_TRUE(reply);
    EXPECT_EQ(headers_of(*reply).count("Access-Control-Allow-Origin"), 0u) << other;
    net::HttpReply answer;
    cors->permit(get_from(other), answer);
    EXPECT_EQ(headers_of(answer).count("Access-Control-Allow-Origin"), 0u) << other;
  }
}

TEST(Cors, AStarPermitsEveryPage) {
  const auto cors = Cors::parse("*");
  ASSERT_TRUE(cors);
  EXPECT_EQ(headers_of(*cors->preflight(preflight_from(kPage)))["Access-Control-Allow-Origin"], "*");
}

TEST(Cors, WhatIsNoPreflightIsARequestLikeAnyOther) {
  const auto cors = Cors::parse("*");
  EXPECT_FALSE(cors->preflight(get_from(kPage)));
  auto request = preflight_from(kPage);
  request.headers.erase("access-control-request-method");
  EXPECT_FALSE(cors->preflight(request));
  EXPECT_FALSE(cors->preflight(get_from("")));
}

TEST(Cors, NamesWhatIsNoOrigin) {
  for (const char* wrong :
       {"crm.example", "https://crm.example/", "https://crm.example/path", "ftp://crm.example",
        "https://Crm.example", "https://user@crm.example", "https://"}) {
    const auto cors = Cors::parse(std::string("https://good.example, ") + wrong);
    ASSERT_FALSE(cors) << wrong;
    EXPECT_EQ(cors.cause(), Cause::bad_input);
    EXPECT_NE(cors.error().detail.find(wrong), std::string::npos) << cors.error().detail;
  }
}

}  // namespace
}  // namespace pigeond::api
