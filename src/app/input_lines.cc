#include "app/input_lines.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace pigeond::app {

Result<std::optional<std::string>> InputLines::next(std::chrono::milliseconds wait) {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return std::optional(std::move(line));
    }
    if (buffer_.size() > kLongest) return fail(Cause::too_large, "the line that was typed is too long");
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = poll(&input, 1, static_cast<int>(wait.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return std::optional<std::string>();
    char bytes[4096];
    const ssize_t count = ready < 0 ? -1 : read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(Cause::io, "the standard input has ended: what is asked for can't be typed");
    buffer_.append(bytes, static_cast<std::size_t>(count));
  }
}

}  // namespace pigeond::app
