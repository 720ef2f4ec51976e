#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace pigeond {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Cause::bad_input, "value", 7);
  return value / 2;
}

Result<int> quarter(int value) {
  PIGEOND_TRY(const int first, half(value));
  PIGEOND_TRY(const int second, half(first));
  return second;
}

Status even(int value) {
  PIGEOND_CHECK(half(value));
  return {};
}

TEST(Result, TryHandsOnTheFirstError) {
  EXPECT_EQ(quarter(12).value(), 3);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.cause(), Cause::bad_input);
  EXPECT_EQ(failed.error().detail, "value");
  EXPECT_EQ(failed.error().code, 7);
}

TEST(Result, CheckEndsWithTheErrorOrGoesOn) {
  EXPECT_TRUE(even(2).ok());
  EXPECT_EQ(even(3).cause(), Cause::bad_input);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(5));
  const auto taken = std::move(made).value();
  EXPECT_EQ(*taken, 5);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereEndsTheProcess) {
  const Result<int> failed(fail(Cause::io));
  EXPECT_DEATH(static_cast<void>(failed.value()), "");
  const Status fine;
  EXPECT_DEATH(static_cast<void>(fine.error()), "");
}

TEST(Cause, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Cause::internal); ++i) {
    const auto name = cause_name(static_cast<Cause>(i));
    EXPECT_FALSE(name.empty());
    EXPECT_TRUE(names.insert(name).second) << name << " stands for two causes";
  }
  EXPECT_EQ(cause_name(Cause::not_linked), "not_linked");
}

}  // namespace
}  // namespace pigeond
