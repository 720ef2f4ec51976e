#include "app/arguments.h"

#include <gtest/gtest.h>

namespace pigeond::app {
namespace {

Result<Arguments> parse(const std::vector<std::string>& words) {
  return Arguments::parse(words, {"config", "port"}, {"once"}, 2);
}

TEST(Arguments, TakesOptionsFlagsAndWords) {
  const auto arguments = parse({"--config", "x.ini", "491", "--once", "--port=80", "hello"});
  ASSERT_TRUE(arguments) << arguments.error().detail;
  EXPECT_EQ(arguments->value("config"), "x.ini");
  EXPECT_EQ(*arguments->port("port", 1), 80);
  EXPECT_TRUE(arguments->has("once"));
  EXPECT_EQ(arguments->positional(), (std::vector<std::string>{"491", "hello"}));
}

TEST(Arguments, TakesAnythingAfterTwoDashes) {
  const auto arguments = parse({"--", "--once", "-x"});
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(arguments->has("once"));
  EXPECT_EQ(arguments->positional(), (std::vector<std::string>{"--once", "-x"}));
}

TEST(Arguments, NamesWhatItDoesNotUnderstand) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--nope", "1"}, {"-x"}, {"--config"}, {"--once=1"}, {"a", "b", "c"}}) {
    const auto arguments = parse(words);
    ASSERT_FALSE(arguments) << words[0];
    EXPECT_EQ(arguments.cause(), Cause::bad_input);
    EXPECT_FALSE(arguments.error().detail.empty());
  }
  EXPECT_FALSE(parse({"--port", "65536"})->port("port", 1));
  EXPECT_EQ(*parse({})->port("port", 7), 7);
}

}  // namespace
}  // namespace pigeond::app
