#include "app/terminal_qr.h"

#include <exception>
#include <qrcodegen/qrcodegen.hpp>

namespace pigeond::app {
namespace {

constexpr int kQuietZone = 2;  // modules; scanners manage with less than the standard's 4

}  // namespace

Result<std::string> terminal_qr(std::string_view text) {
  try {
    const auto code = qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::LOW);
    const int size = code.getSize();
    std::string out;
    for (int y = -kQuietZone; y < size + kQuietZone; y += 2) {
      for (int x = -kQuietZone; x < size + kQuietZone; ++x) {
        const bool upper = !code.getModule(x, y);
        const bool lower = y + 1 < size + kQuietZone && !code.getModule(x, y + 1);
        out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
      }
      out += '\n';
    }
    return out;
  } catch (const std::exception&) {
    return fail(Cause::too_large, "does not fit a QR code");
  }
}

}  // namespace pigeond::app
