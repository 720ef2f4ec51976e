#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>

namespace pigeond::log {
namespace {

std::atomic<Level> threshold{Level::info};

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
  }
  return false;
}

void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      line += escaped;
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

void set_level(Level level_now) {
  threshold = level_now;
}

Level level() {
  return threshold;
}

void write(Level priority, std::string_view event, std::initializer_list<Field> fields) {
  if (priority > threshold.load()) return;
  std::string line = "<" + std::to_string(static_cast<int>(priority)) + ">";
  line += event;
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    if (needs_quotes(field.value))
      append_quoted(line, field.value);
    else
      line += field.value;
  }
  line += '\n';
  // A log that can't be written has nobody to be told to.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace pigeond::log
