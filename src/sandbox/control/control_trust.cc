// Control's part that is about trust: privacy tokens, and what an account may do towards strangers.
#include "sandbox/control/control.h"
#include "sandbox/control/control_json.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::int64_t kLongest = 10LL * 365 * 86400;  // seconds

}  // namespace

void Control::add_trust() {
  add("POST", "/accounts/{phone}/tokens", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string to = phone_of(body.text("to", true));
    const bool notify = body.flag("notify", true);
    if (body.refusal()) return reply(*body.refusal());
    const auto status = server_.service().give_token(server_.now(), request.params.at("phone"), to, notify);
    return status ? reply_nothing() : reply(status.error());
  });
  add("PUT", "/accounts/{phone}/timelock", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const auto seconds = body.number("seconds", 1, kLongest);
    std::string type = body.text("type");
    if (!seconds) body.reject("seconds", "is missing");
    if (body.refusal()) return reply(*body.refusal());
    const Timelock timelock{server_.now().unix_seconds() + *seconds,
                            type.empty() ? "WEB_COMPANION_ONLY" : std::move(type)};
    const auto status = server_.service().set_timelock(server_.now(), request.params.at("phone"), timelock);
    return status ? reply(200, {{"until", timelock.until}, {"type", timelock.type}}) : reply(status.error());
  });
  add("DELETE", "/accounts/{phone}/timelock", [this](const net::HttpRequest& request) {
    const auto status =
        server_.service().set_timelock(server_.now(), request.params.at("phone"), std::nullopt);
    return status ? reply_nothing() : reply(status.error());
  });
  add("PUT", "/accounts/{phone}/capping", [this](const net::HttpRequest& request) {
    Body body(request.body);
    Capping capping;
    capping.status = body.text("status", true);
    if (capping.status != "NONE" && capping.status != "FIRST_WARNING" && capping.status != "SECOND_WARNING" &&
        capping.status != "CAPPED")
      body.reject("status", "is NONE, FIRST_WARNING, SECOND_WARNING or CAPPED");
    capping.total = body.number("total", 0, 1'000'000).value_or(0);
    capping.used = body.number("used", 0, 1'000'000).value_or(0);
    const auto seconds = body.number("seconds", 1, kLongest);
    if (body.refusal()) return reply(*body.refusal());
    capping.cycle_start = server_.now().unix_seconds();
    capping.cycle_end = capping.cycle_start + seconds.value_or(86400);
    const auto status = server_.service().set_capping(server_.now(), request.params.at("phone"), capping);
    return status ? reply_nothing() : reply(status.error());
  });
  add("DELETE", "/accounts/{phone}/capping", [this](const net::HttpRequest& request) {
    const auto status =
        server_.service().set_capping(server_.now(), request.params.at("phone"), std::nullopt);
    return status ? reply_nothing() : reply(status.error());
  });
}

}  // namespace pigeond::sandbox
