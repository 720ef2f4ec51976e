// Commands that ask the running daemon over its REST API.
#include <chrono>
#include <cstdio>
#include <thread>

#include "app/commands.h"
#include "app/qr_screen.h"
#include "app/rest_client.h"

namespace pigeond::app {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string own_id(const Json& session) {
  const auto me = session.find("me");
  return me != session.end() ? text_of(*me, "id") : std::string();
}

std::string cause_of(const Json& session) {
  const auto cause = session.find("cause");
  if (cause == session.end()) return {};
  const auto detail = text_of(*cause, "detail");
  return text_of(*cause, "name") + (detail.empty() ? "" : ": " + detail);
}

// "default is STARTING (tls: certificate has expired)"
std::string standing_of(const std::string& name, const Json& session) {
  const auto cause = cause_of(session);
  return name + " is " + text_of(session, "status") + (cause.empty() ? "" : " (" + cause + ")");
}

// The session as it is once it has been made and started.
Result<Json> started_session(const RestClient& rest, const std::string& name) {
  auto session = rest.get("/api/sessions/" + name);
  if (!session && session.cause() == Cause::not_found) {
    return rest.post("/api/sessions", {{"name", name}, {"start", true}});
  }
  if (!session) return session;
  const auto status = text_of(*session, "status");
  if (status == "STOPPED" || status == "FAILED")
    return rest.post("/api/sessions/" + name + "/start", Json::object());
  return session;
}

// Shows each new code until the session works, and in between what it waits for.
Status wait_for_link(const RestClient& rest, const std::string& name) {
  QrScreen screen("GET " + rest.base_url() + "/api/" + name + "/auth/qr");
  std::string told;
  for (;;) {
    PIGEOND_TRY(const Json session, rest.get("/api/sessions/" + name));
    const auto status = text_of(session, "status");
    if (status == "WORKING") {
      screen.clear();
      std::printf("Session %s is linked as %s.\n", name.c_str(), own_id(session).c_str());
      return {};
    }
    const auto standing = standing_of(name, session);
    if (status == "FAILED" || status == "STOPPED") {
      screen.clear();
      return fail(Cause::not_linked, "session " + standing);
    }
    if (status == "SCAN_QR_CODE") {
      const auto answer = rest.get("/api/" + name + "/auth/qr?format=raw");
      if (const auto text = answer ? text_of(*answer, "value") : std::string(); !text.empty())
        PIGEOND_CHECK(screen.show(text));
    } else if (standing != told) {
      screen.clear();
      std::fprintf(stderr, "Session %s.\n", standing.c_str());
    }
    told = standing;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

Result<RestClient> client_of(const Arguments& arguments) {
  PIGEOND_TRY(const Config config, config_of(arguments));
  return rest_client(config);
}

}  // namespace

int pair_command(const Words& words) {
  const auto arguments = Arguments::parse(words, {"config", "session"}, {}, 0);
  if (!arguments) return report(arguments.error());
  const auto rest = client_of(*arguments);
  if (!rest) return report(rest.error());
  const auto name = arguments->value("session", "default");
  if (auto session = started_session(*rest, name); !session) return report(session.error());
  if (auto linked = wait_for_link(*rest, name); !linked) return report(linked.error());
  return 0;
}

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
