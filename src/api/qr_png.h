// A QR code as a PNG picture (ISO/IEC 18004 by qrcodegen; PNG 1.2, one bit a pixel).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::api {

// `scale` pixels a module, a quiet zone of 4 modules around. too_large: more text than a QR code holds.
Result<Bytes> qr_png(std::string_view text, int scale);

}  // namespace pigeond::api
