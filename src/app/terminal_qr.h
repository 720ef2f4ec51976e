// A QR code as text, two modules a character, in colours of its own: it reads the same on dark and light
// terminals.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeond::app {

struct TerminalQr {
  std::string text;  // lines of UTF-8 with ANSI colours
  int lines = 0;
  int columns = 0;
};

Result<TerminalQr> terminal_qr(std::string_view text);  // too_large if it does not fit a QR code

}  // namespace pigeond::app
