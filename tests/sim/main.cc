// sim --seeds N [--first K]   N worlds, one line for each promise that one of them finds broken;
//                             with --stop no further than to the first such world
// sim --seed K [--trace]      one world, with its history on stdout
// sim --twice K               the same world two times: exit 0 if both have the same history
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include "base/log.h"
#include "world.h"

namespace pigeond::sim {
namespace {

struct Options {
  std::uint64_t first = 1, count = 20;
  bool twice = false, trace = false, stop = false;
};

std::optional<Options> parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--trace") {
      options.trace = true;
      continue;
    }
    if (word == "--stop") {
      options.stop = true;
      continue;
    }
    if (i + 1 == count) return std::nullopt;
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(words[++i], &end, 10);
    if (*end != 0) return std::nullopt;
    if (word == "--seeds") {
      options.count = value;
    } else if (word == "--first") {
      options.first = value;
    } else if (word == "--seed" || word == "--twice") {
      options.first = value;
      options.count = 1;
      options.twice = word == "--twice";
    } else {
      return std::nullopt;
    }
  }
  return options;
}

// Where the lock files of the simulated databases lie; gone with it.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "pigeond-sim-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Totals {
  std::uint64_t failed = 0, texts = 0, confirmed = 0, kills = 0, power_cuts = 0, restarts = 0, given_up = 0;
};

Outcome run(std::uint64_t seed, const Folder& folder, bool trace, Totals& totals) {
  Outcome outcome = World(seed, folder.path(), trace).run();
  const Ledger& ledger = outcome.ledger;
  totals.texts += ledger.texts.size();
  for (const auto& text : ledger.texts) totals.confirmed += text.confirmed ? 1 : 0;
  totals.kills += static_cast<std::uint64_t>(ledger.kills);
  totals.power_cuts += static_cast<std::uint64_t>(ledger.power_cuts);
  totals.restarts += static_cast<std::uint64_t>(ledger.restarts);
  totals.given_up += static_cast<std::uint64_t>(ledger.given_up);
  if (!outcome.broken.empty()) ++totals.failed;
  for (const auto& what : outcome.broken)
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), what.c_str());
  std::fflush(stdout);
  return outcome;
}

int run_all(const Options& options) {
  const Folder folder;
  Totals totals;
  if (!options.trace) log::set_level(static_cast<log::Level>(0));
  if (options.trace) log::set_level(log::Level::debug);
  for (std::uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
    const Outcome outcome = run(seed, folder, options.trace, totals);
    if (options.count == 1)
      std::printf("seed %llu: history %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.hash));
    if (options.twice && run(seed, folder, false, totals).hash != outcome.hash) {
      std::printf("seed %llu: replay: another history than the first time\n",
                  static_cast<unsigned long long>(seed));
      return 1;
    }
    if (options.stop && totals.failed > 0) return 1;
  }
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu seeds, %llu failed; %llu texts, %llu confirmed; %llu kills, %llu power cuts, "
      "%llu healing restarts, %llu sessions given up\n",
      number(options.count), number(totals.failed), number(totals.texts), number(totals.confirmed),
      number(totals.kills), number(totals.power_cuts), number(totals.restarts), number(totals.given_up));
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pigeond::sim

int main(int count, char** words) {
  const auto options = pigeond::sim::parse(count, words);
  if (!options) {
    std::fputs("sim --seeds N [--first K] [--stop] | --seed K [--trace] | --twice K\n", stderr);
    return 2;
  }
  return pigeond::sim::run_all(*options);
}
