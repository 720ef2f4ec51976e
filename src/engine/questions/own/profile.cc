#include "engine/questions/own/profile.h"

#include <utility>

#include "base/bytes.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {

// <presence name=NAME/>, without a type, so that nobody is shown as online for it: what Baileys writes when
// the name of its account has changed (Socket/chats.ts).
void set_own_name(Desk& desk, const std::string& name, const Answered<bool>& answered) {
  if (const Status reached = desk.presence.reachable(); !reached) return answered(reached.error());
  wire::Node presence("presence");
  presence.set("name", name);
  desk.stanzas.send(presence);
  auto& context = desk.context;
  context.credentials.push_name = name;
  store::CredentialsTable(context.database, context.session).save(context.credentials);
  answered(true);
}

// <iq xmlns="status" type="set"><status>TEXT</status></iq>
void set_own_about(Desk& desk, const std::string& text, Answered<bool> answered) {
  wire::Node status("status"), iq("iq");
  status.body(as_bytes(text));
  iq.set("to", wire::service()).set("type", "set").set("xmlns", "status").add(std::move(status));
  desk.query(std::move(iq), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    answered(answer ? Result<bool>(true) : Result<bool>(answer.error()));
  });
}

}  // namespace pigeond::engine
