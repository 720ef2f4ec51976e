// Sessions: list, get, create, update, delete, me, start, stop, restart, logout.
#include <functional>

#include "api/json.h"
#include "api/reply.h"
#include "api/waha/ids.h"
#include "api/waha/routes.h"
#include "api/waha/shapes.h"
#include "gateway/session_config.h"

namespace pigeond::api::waha {
namespace {

using gateway::Gateway;
using net::HttpReply;
using net::HttpRequest;

HttpReply reply_with(int status, const Result<gateway::SessionInfo>& info) {
  if (info) return json_reply(status, session(*info));
  if (info.cause() == Cause::not_found) return error_reply(404, "Session not found");
  return failure_reply(info.error());
}

// The `config` field of a body; absent means an empty one.
Result<gateway::SessionConfig> read_config(Fields& fields) {
  const Json* config = fields.object("config");
  PIGEOND_CHECK(fields.status());
  return gateway::parse_session_config(config ? dump(*config) : "{}");
}

HttpReply list(Gateway& gateway, const HttpRequest& request) {
  auto sessions = gateway.sessions();
  if (!sessions) return failure_reply(sessions.error());
  const bool all = request.parameter("all") != "false";
  Json body = Json::array();
  for (const auto& info : *sessions) {
    if (all || info.status != gateway::SessionStatus::stopped) body.push_back(session(info));
  }
  return json_reply(200, body);
}

HttpReply create(Gateway& gateway, const HttpRequest& request) {
  auto body = parse_object(request.body);
  if (!body) return failure_reply(body.error());
  Fields fields(*body);
  const bool named = body->contains("name") && !(*body)["name"].is_null();
  const auto name = named ? fields.required_text("name") : std::string("default");
  const bool start = fields.boolean("start", true);
  auto config = read_config(fields);
  if (!config) return failure_reply(config.error());
  if (!is_session_name(name)) fields.reject("name", kSessionNameRule);
  if (auto status = fields.status(); !status) return failure_reply(status.error());
  auto created = gateway.create(name, start, std::move(*config));
  if (!created && created.cause() == Cause::already_exists)
    return error_reply(422, "Session '" + name + "' already exists. Use PUT to update it.");
  return reply_with(201, created);
}

HttpReply update(Gateway& gateway, const HttpRequest& request) {
  auto body = parse_object(request.body);
  if (!body) return failure_reply(body.error());
  Fields fields(*body);
  auto config = read_config(fields);
  if (!config) return failure_reply(config.error());
  return reply_with(200, gateway.update(request.params.at("session"), std::move(*config)));
}

// `?force=true`, or "force": true in the body: the service need not confirm.
Result<bool> read_force(const HttpRequest& request) {
  if (request.parameter("force") == "true") return true;
  if (request.body.empty()) return false;
  PIGEOND_TRY(const Json body, parse_object(request.body));
  Fields fields(body);
  const bool force = fields.boolean("force", false);
  PIGEOND_CHECK(fields.status());
  return force;
}

HttpReply remove(Gateway& gateway, const HttpRequest& request) {
  const auto force = read_force(request);
  if (!force) return failure_reply(force.error());
  const auto removed = gateway.remove(request.params.at("session"), *force);
  if (!removed) return failure_reply(removed.error());
  return json_reply(removed->done ? 200 : 202, departure(*removed));
}

HttpReply logout(Gateway& gateway, const HttpRequest& request) {
  const auto force = read_force(request);
  if (!force) return failure_reply(force.error());
  return reply_with(201, gateway.logout(request.params.at("session"), *force));
}

HttpReply show_me(Gateway& gateway, const HttpRequest& request) {
  auto info = gateway.session(request.params.at("session"));
  if (!info) return reply_with(200, info);
  return info->me ? json_reply(200, me(*info->me)) : empty_reply(200);
}

// What the service allows the account towards strangers: a part of `me`, or null while it is not known.
HttpReply show_limit(Gateway& gateway, const HttpRequest& request,
                     const std::function<Json(const gateway::Me&)>& part) {
  auto info = gateway.session(request.params.at("session"));
  if (!info) return reply_with(200, info);
  return json_reply(200, info->me ? part(*info->me) : Json());
}

std::string reason(const Error& error) {
  const std::string name(cause_name(error.cause));
  return error.detail.empty() ? name : name + ": " + error.detail;
}

// Refused for what the account may not do: with the limit, in the shape in which WAHA shows it.
HttpReply limit_failure(const Result<gateway::SessionInfo>& info, const Error& error, Json more) {
  if (!info || !info->me) return failure_reply(error, more);
  if (error.cause == Cause::chats_capped)
    more["messageCapping"] = capping(info->me->capping);
  else
    more["reachoutTimelock"] = timelock(info->me->timelock);
  return failure_reply(error, more);
}

// stop() of a session that isn't there is no error, as in WAHA; the others answer 404.
HttpReply stop(Gateway& gateway, const HttpRequest& request) {
  const auto& name = request.params.at("session");
  auto info = gateway.stop_session(name);
  if (!info && info.cause() == Cause::not_found && is_session_name(name))
    return json_reply(201, {{"name", name}, {"status", "STOPPED"}});
  return reply_with(201, info);
}

}  // namespace

void add_session_routes(net::HttpRouter& router, Gateway& gateway) {
  const auto on = [&router](const char* method, const char* pattern, net::HttpHandler handler) {
    router.add(method, pattern, std::move(handler));
  };
  on("GET", "/api/sessions", [&](const HttpRequest& r) { return list(gateway, r); });
  on("POST", "/api/sessions", [&](const HttpRequest& r) { return create(gateway, r); });
  on("GET", "/api/sessions/{session}",
     [&](const HttpRequest& r) { return reply_with(200, gateway.session(r.params.at("session"))); });
  on("PUT", "/api/sessions/{session}", [&](const HttpRequest& r) { return update(gateway, r); });
  on("DELETE", "/api/sessions/{session}", [&](const HttpRequest& r) { return remove(gateway, r); });
  on("GET", "/api/sessions/{session}/health", [&](const HttpRequest& r) {
    const auto info = gateway.session(r.params.at("session"));
    return info ? json_reply(200, health(*info)) : reply_with(200, info);
  });
  on("GET", "/api/sessions/{session}/me", [&](const HttpRequest& r) { return show_me(gateway, r); });
  on("GET", "/api/sessions/{session}/timelock", [&](const HttpRequest& r) {
    return show_limit(gateway, r, [](const gateway::Me& me) { return timelock(me.timelock); });
  });
  on("GET", "/api/sessions/{session}/capping", [&](const HttpRequest& r) {
    return show_limit(gateway, r, [](const gateway::Me& me) { return capping(me.capping); });
  });
  on("POST", "/api/sessions/{session}/start",
     [&](const HttpRequest& r) { return reply_with(201, gateway.start(r.params.at("session"))); });
  on("POST", "/api/sessions/{session}/stop", [&](const HttpRequest& r) { return stop(gateway, r); });
  on("POST", "/api/sessions/{session}/restart",
     [&](const HttpRequest& r) { return reply_with(201, gateway.restart(r.params.at("session"))); });
  on("POST", "/api/sessions/{session}/logout", [&](const HttpRequest& r) { return logout(gateway, r); });
}

net::HttpReply session_failure(Gateway& gateway, const std::string& session, const Error& error,
                               std::string_view expected_status, const Json& more) {
  return session_failure(gateway.session(session), session, error, expected_status, more);
}

net::HttpReply session_failure(const Result<gateway::SessionInfo>& info, const std::string& session,
                               const Error& error, std::string_view expected_status, const Json& more) {
  Json body;
  if (error.cause == Cause::not_found) {
    body["error"] = "Session \"" + session + "\" does not exist";
    body["session"] = session;
    return json_reply(422, body);
  }
  if (error.cause == Cause::reachout_locked || error.cause == Cause::chats_capped)
    return limit_failure(info, error, more);
  if (error.cause != Cause::not_linked) return failure_reply(error, more);
  body["error"] = "Session status is not as expected. Try again later or restart the session";
  body["session"] = session;
  body["status"] = info ? gateway::status_name(info->status) : "STOPPED";
  body["expected"] = Json::array({expected_status});
  body["message"] = error.detail;
  body["cause"] = cause_name(error.cause);
  if (info && info->cause) {
    body["message"] = error.detail + " (" + reason(*info->cause) + ")";
    body["reason"] = cause(*info->cause);
    if (const auto hint = advice(info->cause->cause); !hint.empty()) body["hint"] = hint;
  }
  body.update(more);
  return json_reply(422, body);
}

}  // namespace pigeond::api::waha
