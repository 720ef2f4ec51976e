// Metadata and the log of a session's configuration.
#include "unit/api/config_trouble.h"

namespace pigeond::api::waha {
namespace {

TEST(SessionMetadata, HasLimitsThatStoredOnesNeedNotKeep) {
  const std::string longer = R"({"metadata":{"a":")" + std::string(9000, 'x') + R"("}})";
  EXPECT_EQ(trouble(longer.c_str()).rfind("config.metadata: ", 0), 0u);
  EXPECT_TRUE(read_stored_config(longer));
  Json many;
  for (int i = 0; i < 65; ++i) many["metadata"][std::to_string(i)] = "";
  EXPECT_EQ(trouble(dump(many).c_str()).rfind("config.metadata: ", 0), 0u);
}

TEST(SessionDebug, IsAFlag) {
  EXPECT_TRUE(parse_session_config(R"({"debug":true})")->debug);
  EXPECT_FALSE(parse_session_config(R"({"debug":null})")->debug);
  EXPECT_EQ(trouble(R"({"debug":"true"})"), "config.debug: must be true or false");
  EXPECT_TRUE(read_stored_config(R"({"debug":"true"})")) << "of a version that did not look";
}

}  // namespace
}  // namespace pigeond::api::waha
