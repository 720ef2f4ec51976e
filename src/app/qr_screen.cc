#include "app/qr_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/terminal_qr.h"

namespace pigeond::app {
namespace {

struct Size {
  int lines = 0, columns = 0;  // 0: nobody knows
};

Size terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
}

}  // namespace

Status QrScreen::show(const std::string& text) {
  if (text == shown_) return {};
  PIGEOND_TRY(const TerminalQr picture, terminal_qr(text));
  clear();
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const Size size = terminal_size();
  // The words below it, and the line of the cursor.
  const int needed = picture.lines + 4;
  const bool small =
      (size.lines > 0 && size.lines < needed) || (size.columns > 0 && size.columns < picture.columns);
  std::string words = "On the phone: Settings, Linked devices, Link a device. Waiting for the scan...\n";
  words +=
      (small ? "This terminal is too small for the code, which needs " : "If the code is cut: it needs ") +
      std::to_string(needed) + " lines of " + std::to_string(picture.columns) +
      " columns.\nAs a picture: " + elsewhere_ + "\n";
  std::fputs(picture.text.c_str(), stdout);
  std::fputs(words.c_str(), stdout);
  std::fflush(stdout);
  shown_ = text;
  if (terminal) {
    lines_ = picture.lines;
    // Long lines take several of the terminal's.
    std::size_t begin = 0;
    for (std::size_t end; (end = words.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const int length = static_cast<int>(end - begin);
      lines_ += size.columns > 0 ? std::max(1, (length + size.columns - 1) / size.columns) : 1;
    }
  }
  return {};
}

void QrScreen::clear() {
  shown_.clear();
  if (lines_ > 0) std::printf("\x1b[%dA\r\x1b[J", lines_);
  std::fflush(stdout);
  lines_ = 0;
}

}  // namespace pigeond::app
