// What is said of a session's configuration that is refused.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "api/waha/config/session_config.h"

namespace pigeond::api::waha {

inline std::string trouble(const char* text) {
  const auto config = parse_session_config(text);
  EXPECT_FALSE(config) << text;
  if (config) return {};
  EXPECT_EQ(config.cause(), Cause::bad_input) << text;
  return config.error().detail;
}

}  // namespace pigeond::api::waha
