// pigeond: a WhatsApp gateway in one program.
#include <cstdio>

#include "app/commands.h"
#include "app/daemon.h"
#include "app/usage.h"

namespace {

struct Command {
  const char* name;
  int (*run)(const pigeond::app::Words&);
};

constexpr Command kCommands[] = {
    {"run", pigeond::app::run_command},           {"pair", pigeond::app::pair_command},
    {"send", pigeond::app::send_command},         {"sessions", pigeond::app::sessions_command},
    {"keys", pigeond::app::keys_command},         {"sandbox", pigeond::app::sandbox_command},
    {"demo", pigeond::app::demo_command},         {"version", pigeond::app::version_command},
    {"--version", pigeond::app::version_command},
};

}  // namespace

int main(int argc, char** argv) {
  using namespace pigeond::app;
  tune_memory();
  const Words words(argv + 1, argv + argc);
  if (words.empty()) {
    std::fputs(usage().data(), stderr);
    return 2;
  }
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    const auto text = words.size() > 1 ? usage_of(words[1]) : usage();
    std::fputs(text.empty() ? usage().data() : text.data(), stdout);
    return 0;
  }
  const Words rest(words.begin() + 1, words.end());
  for (const Command& command : kCommands) {
    if (words[0] != command.name) continue;
    if (!asks_for_help(rest)) return command.run(rest);
    std::fputs(usage_of(words[0] == "--version" ? "version" : words[0]).data(), stdout);
    return 0;
  }
  std::fprintf(stderr, "pigeond: %s: there is no such command (try pigeond help)\n", words[0].c_str());
  return 2;
}
