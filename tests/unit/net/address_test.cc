#include "net/address.h"

#include <gtest/gtest.h>

namespace pigeond::net {
namespace {

struct GoodUrl {
  const char* text;
  const char* scheme;
  const char* host;
  int port;
  const char* target;
  const char* authority;
};

TEST(Address, UrlsComeApart) {
  const GoodUrl kTable[] = {
      {"wss://web.whatsapp.com/ws/chat", "wss", "web.whatsapp.com", 443, "/ws/chat", "web.whatsapp.com"},
      {"ws://127.0.0.1:8080", "ws", "127.0.0.1", 8080, "/", "127.0.0.1:8080"},
      {"WS://LocalHost", "ws", "localhost", 80, "/", "localhost"},
      {"http://a-b.example:80/x?y=1", "http", "a-b.example", 80, "/x?y=1", "a-b.example"},
      {"https://example.com:8443?q=/a", "https", "example.com", 8443, "/?q=/a", "example.com:8443"},
      {"https://example.com/a#part", "https", "example.com", 443, "/a", "example.com"},
      {"http://[::1]:9/", "http", "::1", 9, "/", "[::1]:9"},
      {"http://[2001:DB8::1]", "http", "2001:db8::1", 80, "/", "[2001:db8::1]"},
      {"http://under_score.lan./", "http", "under_score.lan.", 80, "/", "under_score.lan."},
      {"http://h/a//b:c@d", "http", "h", 80, "/a//b:c@d", "h"},
  };
  for (const GoodUrl& good : kTable) {
    auto url = parse_url(good.text);
    ASSERT_TRUE(url.ok()) << good.text << ": " << url.error().detail;
    EXPECT_EQ(url->scheme, good.scheme) << good.text;
    EXPECT_EQ(url->host, good.host) << good.text;
    EXPECT_EQ(url->port, good.port) << good.text;
    EXPECT_EQ(url->target, good.target) << good.text;
    EXPECT_EQ(url->authority(), good.authority) << good.text;
  }
}

TEST(Address, UnusableUrlsAreRefused) {
  for (const char* text : {"",
                           "example.com",
                           "ftp://example.com",
                           "http://",
                           "http:///x",
                           "http://:80",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:",
                           "http://a:8o",
                           "http://a:80:80",
                           "http://user@a",
                           "http://user:pw@a/",
                           "http://a b/",
                           "http://a/\r\nX: y",
                           "http://a/\x7f",
                           "http://\xc3\xa9/",
                           "http://a..b",
                           "http://.a",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[127.0.0.1]",
                           "http://[zz]",
                           "http://a%2f/",
                           "://a",
                           "http:/a"}) {
    auto url = parse_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.cause(), Cause::bad_input) << text;
  }
  EXPECT_FALSE(parse_url("http://" + std::string(254, 'a')).ok());
  EXPECT_FALSE(parse_url("http://a/" + std::string(2048, 'a')).ok());
}

TEST(Address, OnlySecureSchemesAreSecure) {
  EXPECT_TRUE(parse_url("wss://a")->secure());
  EXPECT_TRUE(parse_url("https://a")->secure());
  EXPECT_FALSE(parse_url("ws://a")->secure());
  EXPECT_FALSE(parse_url("http://a")->secure());
}

TEST(Address, IpLiteralsParseAndPrint) {
  EXPECT_EQ(parse_ip("192.0.2.7", 80)->text(), "192.0.2.7:80");
  EXPECT_EQ(parse_ip("2001:db8::7", 443)->text(), "[2001:db8::7]:443");
  for (const char* text :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1]", "::1 ", "1.2.3.4:5"}) {
    EXPECT_FALSE(parse_ip(text, 1)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0x", 9), 1));
}

}  // namespace
}  // namespace pigeond::net
