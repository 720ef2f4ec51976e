#include <unistd.h>

#include "app/commands.h"
#include "app/daemon.h"
#include "app/signals.h"
#include "base/log.h"

namespace pigeond::app {

int run_command(const Words& words) {
  const auto arguments = Arguments::parse(words, {"config"}, {}, 0);
  if (!arguments) return report(arguments.error());
  const auto config = config_of(*arguments);
  if (!config) return report(config.error());
  if (auto usable = check_files(*config); !usable) return report(usable.error());

  log::set_level(config->log.level);
  Signals signals;
  const auto environment = process_environment();
  Daemon::Options options;
  options.config = *config;
  options.notifier = notifier_of(environment);
  options.watchdog = watchdog_interval(environment, getpid());
  auto daemon = Daemon::open(std::move(options));
  if (!daemon) return report(daemon.error());
  const auto reload = [&] {
    const auto fresh = config_of(*arguments);
    if (!fresh) {
      log::error("configuration not reloaded", {{"detail", fresh.error().detail}});
      return;
    }
    (*daemon)->reload(*fresh);
    log::notice("configuration reloaded");
  };
  signals.start({[&] { (*daemon)->stop(); }, reload, {}});
  (*daemon)->run();
  return 0;
}

}  // namespace pigeond::app
