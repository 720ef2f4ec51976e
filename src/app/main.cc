// pigeond: a WhatsApp gateway in one program.
#include <cstdio>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/daemon.h"

namespace {

constexpr const char* kUsage = R"(pigeond COMMAND [OPTION...]

  run       [--config FILE]                    the gateway
  pair      [--config FILE] [--session NAME]   shows the QR of a session and waits for the link
  send      [--config FILE] [--session NAME] TO TEXT
  sessions  [--config FILE]                    lists them
  sandbox   [--listen ADDRESS] [--ws-port N] [--control-port N] [--wss-port N --tls-cert FILE --tls-key FILE]
            [--root-seed TEXT]                 a simulated WhatsApp
  demo      [--api-port N] [--ws-port N] [--control-port N] [--store FILE] [--once]
                                               gateway and sandbox together, with an account linked
  version

pair, send and sessions ask the running gateway. Without --config they and run read /etc/pigeond.ini, if it is there.
)";

struct Command {
  const char* name;
  int (*run)(const pigeond::app::Words&);
};

constexpr Command kCommands[] = {
    {"run", pigeond::app::run_command},         {"pair", pigeond::app::pair_command},
    {"send", pigeond::app::send_command},       {"sessions", pigeond::app::sessions_command},
    {"sandbox", pigeond::app::sandbox_command}, {"demo", pigeond::app::demo_command},
    {"version", pigeond::app::version_command}, {"--version", pigeond::app::version_command},
};

}  // namespace

int main(int argc, char** argv) {
  pigeond::app::tune_memory();
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "help" || words[0] == "--help") {
    std::fputs(kUsage, words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  for (const Command& command : kCommands) {
    if (words[0] == command.name) return command.run({words.begin() + 1, words.end()});
  }
  std::fprintf(stderr, "pigeond: %s: there is no such command (try pigeond help)\n", words[0].c_str());
  return 2;
}
