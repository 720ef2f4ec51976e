// The program's commands. Each takes the words after its name and gives the exit code: 0, 1 for what failed,
// 2 for a command line or configuration that can't work however often it is tried.
#pragma once

#include <string>
#include <vector>

#include "app/arguments.h"
#include "app/config.h"
#include "base/result.h"

namespace pigeond::app {

using Words = std::vector<std::string>;

int run_command(const Words& words);
int sandbox_command(const Words& words);
int demo_command(const Words& words);
int pair_command(const Words& words);
int send_command(const Words& words);
int sessions_command(const Words& words);
int keys_command(const Words& words);
int version_command(const Words& words);

// One line on stderr; the exit code: 2 for bad_input and for what this user may not do, else 1.
int report(const Error& error);

// --config FILE, or /etc/pigeond.ini if there is one, or defaults; the environment over it.
Result<Config> config_of(const Arguments& arguments);

}  // namespace pigeond::app
