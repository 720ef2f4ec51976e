// The configuration file: any bytes are either read or refused with a line that names something.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "app/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  static const int fd = memfd_create("config", 0);
  if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const auto config = app::load_config(path, [](const std::string&) { return std::nullopt; }, {});
  if (!config && (config.cause() != Cause::bad_input || config.error().detail.empty())) std::abort();
  if (config && (config->api.port < 0 || config->api.port > 65535)) std::abort();
  return 0;
}
