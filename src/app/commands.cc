#include "app/commands.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.h"

namespace pigeond::app {
namespace {

constexpr const char* kDefaultFile = "/etc/pigeond.ini";

// A name out of a file that is no configuration may hold anything.
std::string printable(std::string_view text) {
  const bool utf8 = is_valid_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte != 0x7f && (byte < 0x80 || utf8)) {
      out += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(byte));
    out += escaped;
  }
  return out;
}

}  // namespace

int report(const Error& error) {
  const auto text =
      printable(error.detail.empty() ? cause_name(error.cause) : std::string_view(error.detail));
  std::fprintf(stderr, "pigeond: %s\n", text.c_str());
  // What is not allowed stays so until a person allows it.
  const bool forbidden = error.cause == Cause::io && (error.code == EACCES || error.code == EPERM);
  return error.cause == Cause::bad_input || forbidden ? 2 : 1;
}

Result<Config> config_of(const Arguments& arguments) {
  std::string file = arguments.value("config");
  if (file.empty() && access(kDefaultFile, F_OK) == 0) file = kDefaultFile;
  return load_config(file, process_environment(), environment_names());
}

int version_command(const Words& words) {
  if (auto arguments = Arguments::parse(words, {}, {}, 0); !arguments) return report(arguments.error());
  std::printf("pigeond %s\n", PIGEOND_VERSION);
  return 0;
}

}  // namespace pigeond::app
