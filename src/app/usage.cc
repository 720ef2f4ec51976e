#include "app/usage.h"

#include <utility>

namespace pigeond::app {
namespace {

constexpr std::string_view kUsage = R"(pigeond COMMAND [OPTION...]

  run       the gateway
  pair      links an account by a QR or a code, and waits for the link
  send      sends a text
  sessions  lists the sessions
  keys      lists, makes and removes keys of the API
  sandbox   a simulated WhatsApp
  demo      gateway and sandbox together, with an account linked
  version

pigeond COMMAND --help tells more. pair, send, sessions and keys ask the gateway that runs on this machine.
)";

// ./dev shows the demo's before anything is built.
constexpr std::pair<std::string_view, std::string_view> kCommands[] = {
    {"run", R"(pigeond run [--config FILE]

The gateway. Without --config it reads /etc/pigeond.ini, if that is there; each key of the file can be overridden by an
environment variable PIGEOND_<SECTION>_<KEY>. SIGTERM ends it, SIGHUP reads API key and log level again.
)"},
    {"pair", R"(pigeond pair [--config FILE] [--session NAME] [--phone NUMBER]

Makes and starts the session (default: "default") if need be, shows its QR until a phone has scanned it, and says why it
has to wait. With --phone it shows a code instead, to be typed into the phone of that number, which has the country's code
and digits alone. An account that demands a passkey: it says how a browser signs, reads the signature from the standard
input, and shows the code that has to be the phone's. --config: the running gateway's file, for its address and key (default: /etc/pigeond.ini).
)"},
    {"send", R"(pigeond send [--config FILE] [--session NAME] TO TEXT

Sends a text and prints its id. TO is a phone number with the country's code, in digits, or a chat id.
--config: the running gateway's file, for its address and key (default: /etc/pigeond.ini).
)"},
    {"sessions", R"(pigeond sessions [--config FILE]

Lists the sessions: name, status, account, and the cause where one does not work.
--config: the running gateway's file, for its address and key (default: /etc/pigeond.ini).
)"},
    {"keys", R"(pigeond keys [--config FILE]
pigeond keys add [--name NAME] [--scopes LIST] [--sessions LIST] [--days N] [--rate REQUESTS/SECONDS]
pigeond keys remove ID

Lists the keys of the API beside the configured one; makes one, and prints it, once; removes one.

  --scopes LIST    of read, send, control, admin; send,read
  --sessions LIST  that it is good for; all
  --days N         how long it is good; for ever
  --rate R/S       so many requests in so many seconds; any number
--config: the running gateway's file, for its address and key (default: /etc/pigeond.ini).
)"},
    {"sandbox", R"(pigeond sandbox [OPTION...]

A simulated WhatsApp. Prints one line of JSON: chat server, control API and root key.

  --listen ADDRESS     127.0.0.1
  --ws-port N          4080; 0 takes any free port
  --control-port N     4081
  --wss-port N --tls-cert FILE --tls-key FILE
                       the chat server with TLS as well
  --root-seed TEXT     makes the root key from this text: the same one at each start
)"},
    {"demo", R"(pigeond demo [OPTION...]

Gateway and sandbox together, with an account linked, and a contact that answers. Ends with Ctrl-C.

  --api-port N         3000, or any free port where that one is taken; a port that is given here has to be free
  --ws-port N          the same, of the sandbox's chat server; 4080
  --control-port N     the same, of the sandbox's control API; 4081
  --store FILE         keeps the database there; otherwise it goes with the demo
  --once               sends one text, waits for the answer, and ends
)"},
    {"version", R"(pigeond version
)"},
};

}  // namespace

std::string_view usage() {
  return kUsage;
}

std::string_view usage_of(std::string_view command) {
  for (const auto& [name, text] : kCommands) {
    if (name == command) return text;
  }
  return {};
}

bool asks_for_help(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

}  // namespace pigeond::app
