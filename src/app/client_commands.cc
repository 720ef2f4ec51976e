// Commands that ask the running daemon over its REST API.
#include <cstdio>

#include "app/commands.h"
#include "app/rest_client.h"
#include "app/session_words.h"

namespace pigeond::app {
namespace {

using Json = nlohmann::json;

Result<RestClient> client_of(const Arguments& arguments) {
  PIGEOND_TRY(const Config config, config_of(arguments));
  return rest_client(config);
}

}  // namespace

int send_command(const Words& words) {
  const auto arguments = Arguments::parse(words, {"config", "session"}, {}, 2);
  if (!arguments) return report(arguments.error());
  const auto& positional = arguments->positional();
  if (positional.size() != 2)
    return report(fail(Cause::bad_input, "send: needs TO and TEXT (try pigeond send --help)"));
  const auto rest = client_of(*arguments);
  if (!rest) return report(rest.error());
  const auto sent = rest->post("/api/sendText", {{"session", arguments->value("session", "default")},
                                                 {"chatId", positional[0]},
                                                 {"text", positional[1]}});
  if (!sent) return report(sent.error());
  std::printf("%s\n", text_of(*sent, "id").c_str());
  if (const auto pending = sent->find("pending"); pending != sent->end())
    std::fprintf(stderr, "not acknowledged yet, stays queued: %s\n", text_of(*pending, "why").c_str());
  return 0;
}

int sessions_command(const Words& words) {
  const auto arguments = Arguments::parse(words, {"config"}, {}, 0);
  if (!arguments) return report(arguments.error());
  const auto rest = client_of(*arguments);
  if (!rest) return report(rest.error());
  const auto sessions = rest->get("/api/sessions?all=true");
  if (!sessions) return report(sessions.error());
  if (!sessions->is_array()) return report(fail(Cause::malformed, "the answer is not a list of sessions"));
  const auto line = [](const std::string& name, const std::string& status, const std::string& account,
                       const std::string& cause) {
    std::printf("%-20s %-13s %-24s %s\n", name.c_str(), status.c_str(), account.c_str(), cause.c_str());
  };
  line("SESSION", "STATUS", "ACCOUNT", "CAUSE");
  for (const auto& session : *sessions)
    line(text_of(session, "name"), text_of(session, "status"), own_id(session), cause_of(session));
  if (sessions->empty()) std::fputs("There is no session yet; pigeond pair makes one.\n", stderr);
  return 0;
}

}  // namespace pigeond::app
