#include "app/terminal_qr.h"

#include <exception>
#include <qrcodegen/qrcodegen.hpp>

namespace pigeond::app {
namespace {

constexpr int kQuietZone = 4;  // modules; ISO/IEC 18004 asks for them

constexpr const char* kWhiteOnBlack = "\x1b[40;97m";
constexpr const char* kAsBefore = "\x1b[0m";

}  // namespace

Result<TerminalQr> terminal_qr(std::string_view text) {
  try {
    const auto code = qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::LOW);
    const int size = code.getSize();
    TerminalQr out;
    out.columns = size + 2 * kQuietZone;
    for (int y = -kQuietZone; y < size + kQuietZone; y += 2) {
      out.text += kWhiteOnBlack;
      for (int x = -kQuietZone; x < size + kQuietZone; ++x) {
        // Light modules are drawn. One below the last line is light too: the quiet zone may be larger, not
        // smaller.
        const bool upper = !code.getModule(x, y), lower = !code.getModule(x, y + 1);
        out.text += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
      }
      out.text += kAsBefore;
      out.text += '\n';
      ++out.lines;
    }
    return out;
  } catch (const std::exception&) {
    return fail(Cause::too_large, "does not fit a QR code");
  }
}

}  // namespace pigeond::app
