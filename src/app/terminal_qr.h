// A QR code as text: two modules a character, light ones drawn, for terminals with a dark background.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeond::app {

Result<std::string> terminal_qr(
    std::string_view text);  // lines of UTF-8; too_large if it does not fit a QR code

}  // namespace pigeond::app
