// pigeond keys: the API's keys, asked of the running daemon.
#include <chrono>
#include <cstdio>
#include <string>

#include "app/commands.h"
#include "app/rest_client.h"
#include "base/text.h"
#include "base/time.h"

namespace pigeond::app {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

Json list_of(const std::string& text) {
  Json list = Json::array();
  for (const auto part : split(text, ','))
    if (!trim(part).empty()) list.push_back(std::string(trim(part)));
  return list;
}

// "100/60": so many requests in so many seconds.
Result<Json> rate_of(const std::string& text) {
  const auto slash = text.find('/');
  const auto requests = parse_unsigned(text.substr(0, slash));
  const auto seconds = slash == std::string::npos ? std::nullopt : parse_unsigned(text.substr(slash + 1));
  if (!requests || !seconds) return fail(Cause::bad_input, "--rate must be REQUESTS/SECONDS, such as 100/60");
  return Json{{"requests", *requests}, {"seconds", *seconds}};
}

// What the API is asked to make.
Result<Json> request_of(const Arguments& arguments) {
  Json body = {{"name", arguments.value("name")},
               {"scopes", list_of(arguments.value("scopes", "send,read"))},
               {"sessions", list_of(arguments.value("sessions"))}};
  if (arguments.has("days")) {
    const auto days = parse_unsigned(arguments.value("days"));
    if (!days || *days == 0 || *days > 36500) return fail(Cause::bad_input, "--days must be 1 to 36500");
    body["expiresAt"] = SystemClock().now().wall + static_cast<std::int64_t>(*days) * kDayMs;
  }
  if (arguments.has("rate")) {
    PIGEOND_TRY(body["rateLimit"], rate_of(arguments.value("rate")));
  }
  return body;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "-";
  if (found->is_string()) return found->get<std::string>();
  if (!found->is_array()) return found->dump();
  std::string all;
  for (const auto& item : *found) all += (all.empty() ? "" : ",") + item.get<std::string>();
  return all;
}

Status add(const RestClient& rest, const Arguments& arguments) {
  PIGEOND_TRY(const Json body, request_of(arguments));
  PIGEOND_TRY(const Json made, rest.post("/api/keys", body));
  std::printf("%s\n", text_of(made, "key").c_str());
  std::fprintf(stderr, "%s may %s; the key is not shown again\n", text_of(made, "id").c_str(),
               text_of(made, "scopes").c_str());
  return {};
}

Status list(const RestClient& rest) {
  PIGEOND_TRY(const Json keys, rest.get("/api/keys"));
  if (!keys.is_array()) return fail(Cause::malformed, "the answer is not a list of keys");
  const auto line = [](const std::string& id, const std::string& name, const std::string& scopes,
                       const std::string& sessions) {
    std::printf("%-34s %-20s %-20s %s\n", id.c_str(), name.c_str(), scopes.c_str(), sessions.c_str());
  };
  line("KEY", "NAME", "MAY", "SESSIONS");
  for (const auto& key : keys) {
    const auto sessions = text_of(key, "sessions");
    line(text_of(key, "id"), text_of(key, "name"), text_of(key, "scopes"),
         sessions.empty() ? "all" : sessions);
  }
  return {};
}

Status run(const RestClient& rest, const Arguments& arguments) {
  const auto& words = arguments.positional();
  if (words.empty()) return list(rest);
  if (words[0] == "add" && words.size() == 1) return add(rest, arguments);
  if (words[0] == "remove" && words.size() == 2) {
    const auto removed = rest.remove("/api/keys/" + words[1]);
    if (!removed) return removed.error();
    return {};
  }
  return fail(Cause::bad_input, "keys: wants nothing, `add`, or `remove ID` (try pigeond keys --help)");
}

}  // namespace

int keys_command(const Words& words) {
  const auto arguments =
      Arguments::parse(words, {"config", "name", "scopes", "sessions", "days", "rate"}, {}, 2);
  if (!arguments) return report(arguments.error());
  const auto config = config_of(*arguments);
  if (!config) return report(config.error());
  const auto rest = rest_client(*config);
  if (!rest) return report(rest.error());
  const auto done = run(*rest, *arguments);
  return done ? 0 : report(done.error());
}

}  // namespace pigeond::app
