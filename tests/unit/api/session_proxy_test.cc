// The proxy of a session's configuration, and what a stored one means.
#include "api/waha/config/proxy.h"

#include "unit/api/config_trouble.h"

namespace pigeond::api::waha {
namespace {

TEST(SessionProxy, IsReadAndShownAsItCame) {
  const char* text = R"({"proxy":{"server":"Proxy.Example:8080","username":"u","password":"p:w"}})";
  const auto config = parse_session_config(text);
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_TRUE(config->proxy);
  EXPECT_EQ(*config->proxy, (net::Proxy{net::Proxy::Kind::http, "proxy.example", 8080, "u", "p:w"}));
  EXPECT_EQ(shown_config(*config), Json::parse(text));
  const auto socks = parse_session_config(R"({"proxy":{"server":"socks5://[::1]:1080"}})");
  ASSERT_TRUE(socks);
  EXPECT_EQ(socks->proxy->kind, net::Proxy::Kind::socks5);
}

TEST(SessionProxy, IsNoneWhereItsFormWasLeftEmpty) {
  for (const char* text : {"{}", R"({"proxy":null})", R"({"proxy":{"server":""}})",
                           R"({"proxy":{"server":"","username":null,"password":""}})"}) {
    const auto config = parse_session_config(text);
    ASSERT_TRUE(config) << text;
    EXPECT_EQ(config->proxy, nullptr) << text;
  }
}

TEST(SessionProxy, ThatMakesNoSenseIsRefusedByTheNameOfItsField) {
  const auto begins = [](const std::string& text, const std::string& with) {
    return text.rfind(with, 0) == 0;
  };
  EXPECT_TRUE(begins(trouble(R"({"proxy":"h:1"})"), "config.proxy: must be an object"));
  EXPECT_TRUE(begins(trouble(R"({"proxy":{}})"), "config.proxy.server: is required"));
  EXPECT_TRUE(begins(trouble(R"({"proxy":{"username":"u"}})"), "config.proxy.server: is required"));
  EXPECT_TRUE(begins(trouble(R"({"proxy":{"server":1}})"), "config.proxy.server: must be a string"));
  EXPECT_TRUE(begins(trouble(R"({"proxy":{"server":"h"}})"), "config.proxy.server: must be host:port"));
  EXPECT_TRUE(
      begins(trouble(R"({"proxy":{"server":"h:1","password":"p"}})"), "config.proxy.username: is required"));
  EXPECT_TRUE(
      begins(trouble(R"({"proxy":{"server":"h:1","user":"p"}})"), "config.proxy.user: there is no such"));
}

TEST(SessionProxy, ThatWasStoredAndMakesNoSenseIsOneThroughWhichNothingGoes) {
  const auto config = read_stored_config(R"({"proxy":{"server":"https://h"},"metadata":{"a":"b"}})");
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_TRUE(config->proxy);
  EXPECT_EQ(config->proxy->trouble.rfind("config.proxy.server: ", 0), 0u) << config->proxy->trouble;
  EXPECT_EQ(config->metadata.at("a"), "b");
}

TEST(SessionProxy, IsNotForgottenWhereTheRestOfAStoredConfigurationCannotBeRead) {
  for (const char* raw : {R"({"proxy":{"server":"h:1"},"webhooks":7})", R"({"proxy":{"serv)"}) {
    const auto config = read_stored_config(raw);
    ASSERT_TRUE(config) << raw;
    ASSERT_TRUE(config->proxy) << raw;
    EXPECT_NE(config->proxy->trouble, "") << raw;
    EXPECT_EQ(config->raw, raw);
  }
  EXPECT_FALSE(read_stored_config(R"({"webhooks":7})"));
}

}  // namespace
}  // namespace pigeond::api::waha
