#include "app/ini_file.h"

#include <ini.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace pigeond::app {
namespace {

struct Reading {
  std::FILE* stream = nullptr;
  int line = 0;
  int too_long = 0;  // the first such line; 0: none
  bool indented = false;
  std::vector<IniValue> values;
};

// inih would take the rest of a long line for the next one, or drop it: a value that is cut is worse than
// none, since nobody is told.
char* next_line(char* out, int size, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  if (reading.too_long != 0 || std::fgets(out, size, reading.stream) == nullptr) return nullptr;
  ++reading.line;
  reading.indented = *out == ' ' || *out == '\t';
  const bool whole = std::strchr(out, '\n') != nullptr || std::feof(reading.stream) != 0;
  if (whole) return out;
  reading.too_long = reading.line;
  return nullptr;
}

// Where a line continues a value, inih tells the same key again.
int on_value(void* user, const char* section, const char* name, const char* value) {
  auto& reading = *static_cast<Reading*>(user);
  auto& values = reading.values;
  const std::string text = value == nullptr ? "" : value;
  const bool continues =
      reading.indented && !values.empty() && values.back().section == section && values.back().name == name;
  if (continues)
    values.back().value += ' ' + text;
  else
    values.push_back({section, name, text});
  return 1;
}

}  // namespace

Result<std::vector<IniValue>> read_ini(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "re"), std::fclose);
  if (!stream) return fail(Cause::bad_input, file + ": " + std::strerror(errno));
  Reading reading;
  reading.stream = stream.get();
  // inih hands one pointer to both, which is the handler's as well.
  const int line = ini_parse_stream(next_line, &reading, on_value, &reading);
  const auto at = [&](int number) { return file + ": line " + std::to_string(number) + ": "; };
  if (std::ferror(stream.get()) != 0) return fail(Cause::bad_input, file + ": can't be read");
  if (reading.too_long != 0)
    return fail(Cause::bad_input,
                at(reading.too_long) +
                    "is longer than 198 bytes; a value goes on in the next line if that is indented");
  if (line > 0) return fail(Cause::bad_input, at(line) + "is neither [section] nor key = value");
  if (line < 0) return fail(Cause::bad_input, file + ": can't be read");
  return std::move(reading.values);
}

}  // namespace pigeond::app
