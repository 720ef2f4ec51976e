// Test data from tests/data, and short ways to write bytes in tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "base/text.h"

namespace pigeond::test {

// By value, so that a loop over it holds what it loops over.
inline nlohmann::json load_vectors(const std::string& name) {
  std::ifstream file(std::string(PIGEOND_TEST_DATA) + "/" + name);
  EXPECT_TRUE(file.good()) << name;
  return nlohmann::json::parse(file);
}

inline nlohmann::json load_vectors(const std::string& name, const char* section) {
  auto all = load_vectors(name);
  EXPECT_TRUE(all.contains(section) && !all[section].empty()) << name << ' ' << section;
  return all[section];
}

// Takes a text or a JSON string.
template <typename Text>
Bytes hex(const Text& text) {
  if constexpr (std::is_same_v<Text, nlohmann::json>) {
    return hex(text.template get_ref<const std::string&>());
  } else {
    auto bytes = parse_hex(text);
    EXPECT_TRUE(bytes.has_value()) << text;
    return bytes.value_or(Bytes());
  }
}

template <std::size_t N = 32, typename Text>
std::array<std::uint8_t, N> key(const Text& text) {
  const Bytes bytes = hex(text);
  std::array<std::uint8_t, N> out{};
  EXPECT_EQ(bytes.size(), N);
  std::copy_n(bytes.begin(), std::min(N, bytes.size()), out.begin());
  return out;
}

}  // namespace pigeond::test
