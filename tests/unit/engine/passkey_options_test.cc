#include "engine/pairing/passkey_options.h"

#include <gtest/gtest.h>

namespace pigeond::engine {
namespace {

std::string read(const std::string& json) {
  const auto options = read_passkey_options(as_bytes(json));
  return options ? *options : "refused";
}

TEST(PasskeyOptions, KeepTheirKnownMembersAlone) {
  EXPECT_EQ(
      read(
          R"({"extensions":{"uvm":true},"rpId":"web.whatsapp.com","challenge":"AAEC-_8","timeout":60000,)"
          R"("evil":1,"userVerification":"required",)"
          R"("allowCredentials":[{"transports":["internal"],"id":"AQ","type":"public-key","x":2},{"id":"Ag"}]})"),
      R"({"challenge":"AAEC-_8","timeout":60000,"rpId":"web.whatsapp.com","allowCredentials":[)"
      R"({"id":"AQ","type":"public-key","transports":["internal"]},{"id":"Ag","type":"public-key"}],)"
      R"("userVerification":"required","extensions":{"uvm":true}})");
}

TEST(PasskeyOptions, AreRefusedForAnyMemberThatIsNotWhatItShouldBe) {
  for (const char* json : {
           "",
           "null",
           "[]",
           "{}",
           "{",
           R"({"challenge":""})",
           R"({"challenge":"a+b/"})",
           R"({"challenge":7})",
           R"({"challenge":"AA","timeout":-1})",
           R"({"challenge":"AA","timeout":1e30})",
           R"({"challenge":"AA","rpId":""})",
           R"({"challenge":"AA","rpId":{}})",
           R"({"challenge":"AA","allowCredentials":{}})",
           R"({"challenge":"AA","allowCredentials":[{}]})",
           R"({"challenge":"AA","allowCredentials":[{"id":"*"}]})",
           R"({"challenge":"AA","allowCredentials":[{"id":"AA","type":"password"}]})",
           R"({"challenge":"AA","allowCredentials":[{"id":"AA","transports":"usb"}]})",
           R"({"challenge":"AA","userVerification":1})",
           R"({"challenge":"AA","extensions":[]})",
           "{\"challenge\":\"AA\",\"rpId\":\"\xff\"}",
       })
    EXPECT_EQ(read(json), "refused") << json;
}

TEST(PasskeyOptions, HaveLimits) {
  EXPECT_EQ(read(R"({"challenge":")" + std::string(2000, 'A') + R"("})"), "refused");
  std::string many;
  for (int i = 0; i < 65; ++i) many += std::string(i == 0 ? "" : ",") + R"({"id":"AA"})";
  EXPECT_EQ(read(R"({"challenge":"AA","allowCredentials":[)" + many + "]}"), "refused");
  EXPECT_EQ(read(R"({"challenge":"AA","extensions":)" + std::string(40, '[') + std::string(40, ']') + "}"),
            "refused");
  EXPECT_EQ(read(R"({"challenge":"AA","extensions":{"x":")" + std::string(17000, 'x') + R"("}})"), "refused");
}

}  // namespace
}  // namespace pigeond::engine
