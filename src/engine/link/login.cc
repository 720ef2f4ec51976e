#include "engine/link/login.h"

#include <utility>

#include "base/log.h"
#include "store/account/lid_mappings.h"

namespace pigeond::engine {

wire::Node unified_session(const Context& context) {
  const Millis now = context.server_clock.at(context.now);
  wire::Node ib("ib");
  ib.add(wire::Node("unified_session").set("id", std::to_string((now + 3 * kDay) % (7 * kDay))));
  return ib;
}

void Login::success(const wire::Node& node, std::function<void(Status)> done) {
  done_ = std::move(done);
  context_.server_clock.told(context_.now, node.number("t"));
  auto& credentials = context_.credentials;
  if (const auto lid = node.jid("lid");
      lid && lid->is_lid() && !lid->user.empty() && *lid != credentials.lid) {
    credentials.lid = *lid;
    store::LidMappings(context_.database, context_.session).put(lid->user, credentials.pn.user);
  }
  ++credentials.login_count;
  store::CredentialsTable(context_.database, context_.session).save(credentials);
  log::info("login accepted",
            {{"session", context_.session_name},
             {"clock_offset_s", std::to_string(context_.server_seconds() - context_.now.unix_seconds())}});
  pre_keys_.login([this](Status status) {
    if (!status) return finish(status);
    activate();
  });
}

// Until then the server holds part of the traffic back: the login was a passive one.
void Login::activate() {
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "set").set("xmlns", "passive");
  iq.add(wire::Node("active"));
  stanzas_.query(std::move(iq), [this](Result<wire::Node> answer) {
    if (!answer && answer.cause() == Cause::ack_error) {
      log::warning("server refused active",
                   {{"session", context_.session_name}, {"code", std::to_string(answer.error().code)}});
    } else if (!answer) {
      return finish(answer.error());
    }
    stanzas_.send(unified_session(context_));
    finish({});
  });
}

void Login::finish(const Status& status) {
  if (const auto done = std::exchange(done_, nullptr)) done(status);
}

}  // namespace pigeond::engine
