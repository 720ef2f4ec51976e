#include "app/terminal_qr.h"

#include <gtest/gtest.h>

#include <qrcodegen/qrcodegen.hpp>
#include <vector>

namespace pigeond::app {
namespace {

constexpr const char* kColours = "\x1b[40;97m";
constexpr const char* kReset = "\x1b[0m";

// The light modules as a terminal shows them; two rows a line.
std::vector<std::vector<bool>> light_modules(std::string text) {
  std::vector<std::vector<bool>> rows;
  while (!text.empty()) {
    std::string line = text.substr(0, text.find('\n'));
    text.erase(0, line.size() + 1);
    EXPECT_TRUE(line.starts_with(kColours));
    EXPECT_TRUE(line.ends_with(kReset));
    line = line.substr(std::string(kColours).size());
    line.resize(line.size() - std::string(kReset).size());
    std::vector<bool> upper, lower;
    while (!line.empty()) {
      const auto take = [&line](const std::string& glyph) {
        if (!line.starts_with(glyph)) return false;
        line.erase(0, glyph.size());
        return true;
      };
      const bool full = take("█"), top = !full && take("▀"), bottom = !full && !top && take("▄");
      if (!full && !top && !bottom && !take(" ")) {
        ADD_FAILURE() << "another character";
        return {};
      }
      upper.push_back(full || top);
      lower.push_back(full || bottom);
    }
    rows.push_back(upper);
    rows.push_back(lower);
  }
  return rows;
}

TEST(TerminalQr, DrawsEveryModuleAndAQuietZoneOfFourInColoursOfItsOwn) {
  const std::string text(240, 'x');  // as long as a pairing's
  const auto drawn = terminal_qr(text);
  ASSERT_TRUE(drawn);
  const auto code = qrcodegen::QrCode::encodeText(text.c_str(), qrcodegen::QrCode::Ecc::LOW);
  const auto rows = light_modules(drawn->text);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(2 * drawn->lines));
  ASSERT_GE(rows.size(), static_cast<std::size_t>(code.getSize() + 8));
  for (int y = 0; y < static_cast<int>(rows.size()); ++y) {
    const auto& row = rows[static_cast<std::size_t>(y)];
    ASSERT_EQ(row.size(), static_cast<std::size_t>(code.getSize() + 8));
    ASSERT_EQ(row.size(), static_cast<std::size_t>(drawn->columns));
    for (int x = 0; x < static_cast<int>(row.size()); ++x)
      ASSERT_EQ(row[static_cast<std::size_t>(x)], !code.getModule(x - 4, y - 4)) << x << ", " << y;
  }
}

TEST(TerminalQr, RefusesWhatDoesNotFit) {
  EXPECT_EQ(terminal_qr(std::string(5000, 'x')).cause(), Cause::too_large);
}

}  // namespace
}  // namespace pigeond::app
