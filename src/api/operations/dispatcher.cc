#include "api/operations/dispatcher.h"

#include <optional>
#include <utility>

#include "api/reply.h"
#include "base/log.h"

namespace pigeond::api {
namespace {

net::HttpReply foreign(const std::string& session) {
  return error_reply(403, "the key is not good for session \"" + session + "\"");
}

net::HttpReply not_allowed(const net::HttpRequest& request, const std::string& allowed) {
  auto reply = error_reply(405, request.method + " is not allowed here; allowed: " + allowed);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

// What the key itself is not good for, whatever the request says.
std::optional<net::HttpReply> refuse(const Operation& operation, const Caller& caller) {
  if (!caller.has(operation.scope))
    return error_reply(403, "the key lacks the scope " + std::string(scope_name(operation.scope)));
  if (operation.whose == Whose::all && !caller.sessions.empty())
    return error_reply(403, "the key is for single sessions, and this is not a matter of one");
  return std::nullopt;
}

// What somebody changed who may change much.
void audit(const Operation& operation, const Call& call, const std::string& session,
           const net::HttpReply& reply) {
  const bool grave = operation.scope == Scope::admin || operation.scope == Scope::control;
  if (!grave || operation.method == "GET") return;
  log::notice("audit", {{"operation", operation.id},
                        {"session", session},
                        {"key", call.caller.id},
                        {"peer", call.http.peer},
                        {"status", std::to_string(reply.status)}});
}

}  // namespace

Dispatcher::Dispatcher(gateway::Gateway& gateway, Operations operations)
    : gateway_(gateway), operations_(std::move(operations)) {
  for (const auto& operation : operations_) router_.add(operation.method, operation.path, nullptr);
}

std::variant<const Operation*, net::HttpReply> Dispatcher::find(net::HttpRequest& request,
                                                                const Caller& caller) const {
  const auto match = router_.find(request);
  if (match.outcome == net::HttpRouter::Outcome::no_such_method) return not_allowed(request, match.allowed);
  if (match.outcome == net::HttpRouter::Outcome::no_such_path)
    return error_reply(404, "Cannot " + request.method + " " + request.path);
  const Operation& operation = operations_[match.route];
  // What does not end has no length, and nobody who asks for its head alone.
  if (operation.open && request.method != operation.method) return not_allowed(request, operation.method);
  if (auto refusal = refuse(operation, caller)) return std::move(*refusal);
  const auto session = request.params.find("session");
  if (session != request.params.end() && !caller.sees(session->second)) return foreign(session->second);
  return &operation;
}

std::variant<std::shared_ptr<void>, net::HttpReply> Dispatcher::read(const Operation& operation,
                                                                     const Caller& caller,
                                                                     const net::HttpRequest& request) const {
  auto input = operation.make_input();
  if (auto read = read_request(operation, request, input.get()); !read) return failure_reply(read.error());
  if (operation.whose != Whose::one && operation.whose != Whose::named) return input;
  const std::string& session = operation.session_of(input.get());
  if (operation.whose == Whose::named && session.empty()) {
    if (caller.sessions.empty()) return input;
    return error_reply(403, "the key is for single sessions: session has to name one of them");
  }
  if (!caller.sees(session)) return foreign(session);
  return input;
}

net::HttpReply Dispatcher::run(const Operation& operation, const Caller& caller,
                               const net::HttpRequest& request) const {
  auto input = read(operation, caller, request);
  if (auto* refusal = std::get_if<net::HttpReply>(&input)) return std::move(*refusal);
  void* const fields = std::get<std::shared_ptr<void>>(input).get();
  const Call call{gateway_, caller, request};
  // Before the handler has it, which may take its fields away.
  const std::string session = operation.session_of ? operation.session_of(fields) : std::string();
  auto reply = operation.run(call, fields);
  audit(operation, call, session, reply);
  return reply;
}

void Dispatcher::begin(const Operation& operation, const Caller& caller, const net::HttpRequest& request,
                       Promise promise) const {
  auto input = read(operation, caller, request);
  if (auto* refusal = std::get_if<net::HttpReply>(&input))
    return promise([reply = std::move(*refusal)] { return reply; });
  operation.begin({gateway_, caller, request}, std::get<std::shared_ptr<void>>(input).get(),
                  std::move(promise));
}

net::HttpAdmission Dispatcher::open(const Operation& operation, const Caller& caller,
                                    const net::HttpRequest& request) const {
  auto input = read(operation, caller, request);
  if (auto* refusal = std::get_if<net::HttpReply>(&input)) return net::HttpAnswer{std::move(*refusal)};
  return operation.open({gateway_, caller, request}, std::get<std::shared_ptr<void>>(input).get());
}

}  // namespace pigeond::api
