// Sessions: list, get, create, update, delete, me, start, stop, restart, logout.
#include "api/json.h"
#include "api/reply.h"
#include "api/waha/config/session_config_field.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/names.h"
#include "api/waha/operations.h"
#include "api/waha/session_reply.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;

constexpr const char* kTag = "Sessions";
constexpr const char* kPath = "/api/sessions/{session}";

std::string at(const char* rest) {
  return std::string(kPath) + rest;
}

struct ListSessions {
  bool all = true;
  static constexpr const char* kName = "ListSessions";
  static void describe(schema::Input<ListSessions>& is) {
    is("all", &ListSessions::all).help("false: without those that are STOPPED.");
  }
};

HttpReply list(const Call& call, const ListSessions& in) {
  const auto sessions = call.gateway.sessions();
  if (!sessions) return failure_reply(sessions.error());
  JsonText body;
  body.begin_array();
  for (const auto& info : *sessions) {
    const bool wanted = in.all || info.status != gateway::SessionStatus::stopped;
    if (wanted && call.caller.sees(info.name)) schema::write<SessionShape>(body, shown_to(call.caller, info));
  }
  body.end_array();
  return json_reply(200, std::move(body));
}

struct CreateSession {
  std::optional<std::string> name;
  bool start = true;
  gateway::SessionConfig config;
  static constexpr const char* kName = "CreateSession";
  static void describe(schema::Input<CreateSession>& is) {
    is("name", &CreateSession::name, kSession).help("None: it is given one, session_ and a ULID.");
    is("start", &CreateSession::start);
    is("config", &CreateSession::config, SessionConfigField{});
  }
};

HttpReply create(const Call& call, CreateSession& in) {
  const auto created = call.gateway.create(in.name.value_or(""), in.start, std::move(in.config));
  if (!created && created.cause() == Cause::already_exists)
    return error_reply(422, "Session '" + *in.name + "' already exists. Use PUT to update it.");
  return session_reply(call.caller, 201, created);
}

struct UpdateSession {
  std::string session = "default";
  gateway::SessionConfig config;
  static constexpr const char* kName = "UpdateSession";
  static void describe(schema::Input<UpdateSession>& is) {
    is.session(&UpdateSession::session, kSession);
    is("config", &UpdateSession::config, SessionConfigField{})
        .help("The whole of it; what is left out is as by default.");
  }
};

// Of a logout or removal.
struct Part {
  std::string session = "default";
  bool force = false;
  static constexpr const char* kName = "Part";
  static void describe(schema::Input<Part>& is) {
    is.session(&Part::session, kSession);
    is("force", &Part::force)
        .in(schema::kQuery | schema::kBody)
        .help("WhatsApp need not confirm that the device is unlinked.");
  }
};

HttpReply remove(const Call& call, const Part& in) {
  const auto removed = call.gateway.remove(in.session, in.force);
  if (!removed) return failure_reply(removed.error());
  return reply<DepartureShape>(removed->done ? 200 : 202, *removed);
}

HttpReply show_me(const Call& call, const OfSession& in) {
  const auto info = call.gateway.session(in.session);
  if (!info) return session_reply(call.caller, 200, info);
  return info->me ? reply<MeShape>(200, *info->me) : empty_reply(200);
}

// What the service allows the account towards strangers: a part of `me`, or null while it is not known.
template <typename Shape>
HttpReply show_limit(const Call& call, const OfSession& in,
                     std::optional<typename Shape::Of> gateway::Me::*part) {
  const auto info = call.gateway.session(in.session);
  if (!info) return session_reply(call.caller, 200, info);
  const bool known = info->me && (*info->me).*part;
  return known ? reply<Shape>(200, *((*info->me).*part)) : json_reply(200, nullptr);
}

HttpReply show_health(const Call& call, const OfSession& in) {
  const auto info = call.gateway.whole_session(in.session);
  return info && info->health ? reply<HealthShape>(200, *info->health)
                              : session_reply(call.caller, 200, info);
}

// Of a session that isn't there it is no error, as in WAHA; the others answer 404.
HttpReply stop(const Call& call, const OfSession& in) {
  const auto info = call.gateway.stop_session(in.session);
  if (!info && info.cause() == Cause::not_found)
    return json_reply(201, {{"name", in.session}, {"status", status_name(gateway::SessionStatus::stopped)}});
  return session_reply(call.caller, 201, info);
}

// A row that answers with the session as it is then.
template <typename In, typename Work>
Operation session_row(Row how, int status, Work work) {
  auto row = operation<In>(std::move(how), [status, work](const Call& call, In& in) {
    return session_reply(call.caller, status, work(call.gateway, in));
  });
  row.gives(status, "The session.", json<SessionShape>()).fails({404});
  return row;
}

}  // namespace

Operations session_operations() {
  using gateway::Gateway;
  return {
      operation<ListSessions>({"GET", "/api/sessions", "listSessions", kTag, Scope::read, Whose::shown,
                               "The sessions that the key is good for"},
                              list)
          .gives(200, "By name.", json_list<SessionShape>()),
      operation<CreateSession>({"POST", "/api/sessions", "createSession", kTag, Scope::control, Whose::all,
                                "Makes a session, and starts it"},
                               create)
          .gives(201, "The session.", json<SessionShape>())
          .fails({422}),
      session_row<OfSession>(
          {"GET", kPath, "getSession", kTag, Scope::read, Whose::one, "A session: its status, and why"}, 200,
          [](Gateway& gateway, const OfSession& in) { return gateway.whole_session(in.session); }),
      session_row<UpdateSession>({"PUT", kPath, "updateSession", kTag, Scope::control, Whose::one,
                                  "Configures a session anew; its link stays, unless its proxy is another"},
                                 200,
                                 [](Gateway& gateway, UpdateSession& in) {
                                   return gateway.update(in.session, std::move(in.config));
                                 }),
      operation<Part>({"DELETE", kPath, "deleteSession", kTag, Scope::admin, Whose::one,
                       "Unlinks the device and removes the session"},
                      remove)
          .gives(200, "It is gone.", json<DepartureShape>())
          .gives(202, "WhatsApp has not confirmed yet; the session goes when it has.", json<DepartureShape>())
          .fails({409, 404}),
      operation<OfSession>({"GET", at("/health"), "getSessionHealth", kTag, Scope::read, Whose::one,
                            "Whether sends get through, and what was done about those that did not"},
                           show_health)
          .gives(200, "How it is doing.", json<HealthShape>())
          .fails({404}),
      operation<OfSession>({"GET", at("/me"), "getMe", kTag, Scope::read, Whose::one, "The linked account"},
                           show_me)
          .gives(200, "The account; empty where none is linked.", {json<MeShape>()})
          .fails({404}),
      operation<OfSession>({"GET", at("/timelock"), "getTimelock", kTag, Scope::read, Whose::one,
                            "Whether WhatsApp lets the account write to strangers"},
                           [](const Call& call, const OfSession& in) {
                             return show_limit<TimelockShape>(call, in, &gateway::Me::timelock);
                           })
          .gives(200, "null: not heard yet.", json_or_null<TimelockShape>())
          .fails({404}),
      operation<OfSession>({"GET", at("/capping"), "getCapping", kTag, Scope::read, Whose::one,
                            "How many new chats WhatsApp lets the account begin"},
                           [](const Call& call, const OfSession& in) {
                             return show_limit<CappingShape>(call, in, &gateway::Me::capping);
                           })
          .gives(200, "null: not heard yet.", json_or_null<CappingShape>())
          .fails({404}),
      session_row<OfSession>({"POST", at("/start"), "startSession", kTag, Scope::control, Whose::one,
                              "Starts a session; idempotent"},
                             201,
                             [](Gateway& gateway, const OfSession& in) { return gateway.start(in.session); }),
      operation<OfSession>({"POST", at("/stop"), "stopSession", kTag, Scope::control, Whose::one,
                            "Stops a session, which keeps its account; idempotent"},
                           stop)
          .gives(201, "The session.", {json<SessionShape>(), any_json()}),
      session_row<OfSession>(
          {"POST", at("/restart"), "restartSession", kTag, Scope::control, Whose::one,
           "Stops and starts a session"},
          201, [](Gateway& gateway, const OfSession& in) { return gateway.restart(in.session); }),
      session_row<Part>({"POST", at("/logout"), "logoutSession", kTag, Scope::control, Whose::one,
                         "Unlinks the device and keeps the session"},
                        201,
                        [](Gateway& gateway, const Part& in) { return gateway.logout(in.session, in.force); })
          .fails({409}),
  };
}

}  // namespace pigeond::api::waha
