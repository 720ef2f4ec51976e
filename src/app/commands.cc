#include "app/commands.h"

#include <unistd.h>

#include <cstdio>

namespace pigeond::app {
namespace {

constexpr const char* kDefaultFile = "/etc/pigeond.ini";

}  // namespace

int report(const Error& error) {
  const std::string text = error.detail.empty() ? std::string(cause_name(error.cause)) : error.detail;
  std::fprintf(stderr, "pigeond: %s\n", text.c_str());
  return error.cause == Cause::bad_input ? 2 : 1;
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
