#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <set>

namespace pigeond::log {
namespace {

std::atomic<Level> threshold{Level::info};

// Sessions by name. Most processes watch none, and take no lock for a line that is dropped.
std::atomic<std::size_t> watched_count{0};
std::mutex watched_mutex;
std::set<std::string, std::less<>>& watched() {
  static std::set<std::string, std::less<>> names;
  return names;
}

bool is_watched(std::string_view session) {
  if (watched_count.load() == 0) return false;
  const std::lock_guard lock(watched_mutex);
  return watched().contains(session);
}

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

// For the journal, or for a person.
std::string_view prefix(Level level, bool terminal) {
  constexpr std::string_view kPriorities[] = {"<0>", "<1>", "<2>", "<3>", "<4>", "<5>", "<6>", "<7>"};
  if (!terminal) return kPriorities[static_cast<std::size_t>(level)];
  return level == Level::error ? "error: " : level == Level::warning ? "warning: " : "";
}

}  // namespace

void set_level(Level level_now) {
  threshold = level_now;
}

Level level() {
  return threshold;
}

void watch(std::string_view session, bool on) {
  const std::lock_guard lock(watched_mutex);
  if (on)
    watched().emplace(session);
  else if (const auto found = watched().find(session); found != watched().end())
    watched().erase(found);
  watched_count = watched().size();
}

bool debugs(std::string_view session) {
  return level() >= Level::debug || is_watched(session);
}

void write(Level priority, std::string_view event, std::initializer_list<Field> fields) {
  if (priority > threshold.load()) {
    const auto* about = std::ranges::find(fields, "session", &Field::name);
    if (about == fields.end() || !is_watched(about->value)) return;
  }
  static const bool terminal = isatty(STDERR_FILENO) == 1;
  std::string line(prefix(priority, terminal));
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
