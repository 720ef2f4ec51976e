// Control's part that is about versions of the web client: how old one may be, and the script that names the
// current one.
#include "sandbox/control/control.h"
#include "sandbox/control/control_json.h"
#include "sandbox/links/service_worker.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::int64_t kRevision = 0xffffffff;
constexpr std::int64_t kLongest = 10LL * 365 * 86400;  // seconds

}  // namespace

void Control::add_clients() {
  const auto shown = [this] {
    const ClientPolicy& policy = server_.service().world().policy.clients;
    return Json{{"login", policy.login},
                {"linking", policy.linking},
                {"current", policy.current},
                {"expires", policy.expires ? Json(*policy.expires) : Json()},
                {"asked", asked_}};
  };
  add("GET", "/clients", [shown](const net::HttpRequest&) { return reply(200, shown()); });
  // What is left out stays as it is; `expires` is in seconds from now, 0 takes it back.
  add("PUT", "/clients", [this, shown](const net::HttpRequest& request) {
    Body body(request.body);
    ClientPolicy policy = server_.service().world().policy.clients;
    const auto revision = [&body](const char* name, std::uint32_t otherwise) {
      return static_cast<std::uint32_t>(body.number(name, 0, kRevision).value_or(otherwise));
    };
    policy.login = revision("login", policy.login);
    policy.linking = revision("linking", policy.linking);
    policy.current = revision("current", policy.current);
    if (const auto seconds = body.number("expires", 0, kLongest)) {
      policy.expires.reset();
      if (*seconds != 0) policy.expires = server_.now().unix_seconds() + *seconds;
    }
    if (body.refusal()) return reply(*body.refusal());
    server_.service().set_clients(server_.now(), policy);
    return reply(200, shown());
  });
  add("GET", "/sw.js", [this](const net::HttpRequest& request) {
    ++asked_;
    net::HttpReply script;
    script.type = "text/javascript";
    if (is_browser(request.header("sec-fetch-site"), request.header("user-agent")))
      script.body = service_worker(server_.service().world().policy.clients.current);
    else
      script.status = 400;
    return script;
  });
}

}  // namespace pigeond::sandbox
