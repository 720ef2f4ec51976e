// One line an event, on stderr, with the journal's priorities (sd-daemon(3): "<6>text"). No message text,
// keys or tokens, ever: fields are ids, states, causes, counts and durations.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace pigeond::log {

enum class Level { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

struct Field {
  std::string_view name;
  std::string value;
};

// Lines less urgent than this are dropped. Safe to call from any thread.
void set_level(Level level);
Level level();
// Lines about a session (their field "session" is its name) are dropped for no level while it is watched.
void watch(std::string_view session, bool on);
bool debugs(std::string_view session);  // for fields that are dear to make

// write(Level::info, "linked", {{"session", "default"}, {"pn", "..."}}) prints
//   <6>linked session=default pn=...
// On a terminal without the "<6>", and errors and warnings begin with that word.
// Values with spaces, quotes or control characters are quoted and escaped. One write(2) a line.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warning, event, fields);
}
inline void notice(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::notice, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::info, event, fields);
}
inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::debug, event, fields);
}

}  // namespace pigeond::log
