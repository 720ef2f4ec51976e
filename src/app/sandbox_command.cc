#include "app/commands.h"
#include "sandbox/options.h"
#include "sandbox/server.h"

namespace pigeond::app {
namespace {

Result<sandbox::Options> read_options(const Words& words) {
  PIGEOND_TRY(const auto arguments, Arguments::parse(words,
                                                     {"listen", "ws-port", "wss-port", "tls-cert", "tls-key",
                                                      "control-port", "root-seed"},
                                                     {}, 0));
  sandbox::Options options;
  options.listen = arguments.value("listen", options.listen);
  PIGEOND_TRY(const int ws_port, arguments.port("ws-port", 4080));
  PIGEOND_TRY(const int control_port, arguments.port("control-port", 4081));
  PIGEOND_TRY(const int wss_port, arguments.port("wss-port", 0));
  options.ws_port = static_cast<std::uint16_t>(ws_port);
  options.control_port = static_cast<std::uint16_t>(control_port);
  if (arguments.has("wss-port")) options.wss_port = static_cast<std::uint16_t>(wss_port);
  options.tls_cert = arguments.value("tls-cert");
  options.tls_key = arguments.value("tls-key");
  options.root_seed = arguments.value("root-seed");
  if (options.wss_port && (options.tls_cert.empty() || options.tls_key.empty())) {
    return fail(Cause::bad_input, "--wss-port: needs --tls-cert and --tls-key");
  }
  return options;
}

}  // namespace

int sandbox_command(const Words& words) {
  const auto options = read_options(words);
  if (!options) return report(options.error());
  return sandbox::run(*options);
}

}  // namespace pigeond::app
