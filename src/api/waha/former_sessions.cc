// Sessions as clients called them before each had a path of its own: the name stands in the body. WAHA keeps
// the three as deprecated, and so do programs that were written then.
#include "api/reply.h"
#include "api/waha/config/session_config_field.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/session_reply.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

using gateway::SessionStatus;
using net::HttpReply;

constexpr const char* kTag = "Sessions";

void named_in_body(schema::Field& field) {
  field.required().is_session = true;
}

struct FormerStart {
  std::string session;
  std::optional<gateway::SessionConfig> config;
  static constexpr const char* kName = "SessionStartDeprecatedRequest";
  static void describe(schema::Input<FormerStart>& is) {
    named_in_body(is("name", &FormerStart::session, kSession));
    is("config", &FormerStart::config, SessionConfigField{})
        .help("None: a session that is there keeps its own.");
  }
};

HttpReply already_started(const std::string& name) {
  return error_reply(422, "Session '" + name + "' is already started.");
}

// A key that is for some sessions makes none, as with POST /api/sessions.
HttpReply make(const Call& call, FormerStart& in) {
  if (!call.caller.sessions.empty())
    return error_reply(403,
                       "the key is for single sessions, and there is no session \"" + in.session + "\" yet");
  gateway::SessionConfig config;
  config.raw = "{}";
  if (in.config) config = std::move(*in.config);
  const auto made = call.gateway.create(in.session, true, std::move(config));
  if (!made && made.cause() == Cause::already_exists) return already_started(in.session);
  return session_reply(call.caller, 201, made);
}

// One that has failed is not running, and a start is what helps it.
HttpReply start(const Call& call, FormerStart& in) {
  const auto info = call.gateway.session(in.session);
  if (!info && info.cause() == Cause::not_found) return make(call, in);
  if (!info) return session_reply(call.caller, 201, info);
  if (info->status != SessionStatus::stopped && info->status != SessionStatus::failed)
    return already_started(in.session);
  if (in.config) {
    const auto updated = call.gateway.update(in.session, std::move(*in.config));
    if (!updated) return session_reply(call.caller, 201, updated);
  }
  return session_reply(call.caller, 201, call.gateway.start(in.session));
}

struct FormerStop {
  std::string session;
  bool logout = false;
  static constexpr const char* kName = "SessionStopDeprecatedRequest";
  static void describe(schema::Input<FormerStop>& is) {
    named_in_body(is("name", &FormerStop::session, kSession));
    is("logout", &FormerStop::logout).help("true: unlinks the device and removes the session; needs admin.");
  }
};

struct FormerLogout {
  std::string session;
  static constexpr const char* kName = "SessionLogoutDeprecatedRequest";
  static void describe(schema::Input<FormerLogout>& is) {
    named_in_body(is("name", &FormerLogout::session, kSession));
  }
};

HttpReply remove(const Call& call, const std::string& name) {
  const auto removed = call.gateway.remove(name);
  if (!removed) return failure_reply(removed.error());
  return removed->done ? empty_reply(201) : reply<DepartureShape>(202, *removed);
}

HttpReply stop(const Call& call, const FormerStop& in) {
  if (in.logout && !call.caller.has(Scope::admin))
    return error_reply(403, "the key lacks the scope admin, without which logout has to be false");
  if (in.logout) return remove(call, in.session);
  const auto stopped = call.gateway.stop_session(in.session);
  const bool done = stopped || stopped.cause() == Cause::not_found;
  return done ? empty_reply(201) : failure_reply(stopped.error());
}

HttpReply logout(const Call& call, const FormerLogout& in) {
  return remove(call, in.session);
}

constexpr const char* kNotConfirmed = "WhatsApp has not confirmed yet; the session goes when it has.";

}  // namespace

Operations former_session_operations() {
  return {
      operation<FormerStart>({"POST", "/api/sessions/start", "startSessionByName", kTag, Scope::control,
                              Whose::one, "Makes a session or configures it anew, and starts it"},
                             start)
          .gives(201, "The session.", json<SessionShape>())
          .fails({422})
          .is_deprecated(),
      operation<FormerStop>({"POST", "/api/sessions/stop", "stopSessionByName", kTag, Scope::control,
                             Whose::one, "Stops a session, or removes it; idempotent"},
                            stop)
          .gives(201, "It is stopped, or gone.", nothing())
          .gives(202, kNotConfirmed, json<DepartureShape>())
          .fails({409})
          .is_deprecated(),
      operation<FormerLogout>({"POST", "/api/sessions/logout", "logoutSessionByName", kTag, Scope::admin,
                               Whose::one, "Unlinks the device and removes the session; idempotent"},
                              logout)
          .gives(201, "It is gone.", nothing())
          .gives(202, kNotConfirmed, json<DepartureShape>())
          .fails({409})
          .is_deprecated(),
  };
}

}  // namespace pigeond::api::waha
