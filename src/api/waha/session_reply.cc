#include "api/waha/session_reply.h"

#include "api/json.h"
#include "api/operations/operation.h"
#include "api/reply.h"
#include "api/waha/config/session_config.h"
#include "api/waha/failures.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {

gateway::SessionInfo shown_to(const Caller& caller, gateway::SessionInfo info) {
  if (caller.has(Scope::control)) return info;
  Json config = shown_config(*info.config);
  for (const char* secret : {"webhooks", "proxy"}) config.erase(secret);
  gateway::SessionConfig without;
  without.raw = dump(config);
  info.config = std::make_shared<const gateway::SessionConfig>(std::move(without));
  return info;
}

net::HttpReply session_reply(const Caller& caller, int status, const Result<gateway::SessionInfo>& info) {
  if (info) return reply<SessionShape>(status, shown_to(caller, *info));
  if (info.cause() == Cause::not_found) return error_reply(404, "Session not found");
  return failure_reply(named(info.error()));
}

}  // namespace pigeond::api::waha
