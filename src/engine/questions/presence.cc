#include "engine/questions/presence.h"

#include <utility>

#include "engine/messages/desk.h"
#include "engine/messages/out/fan_out.h"

namespace pigeond::engine {
namespace {

// <chatstate to=CHAT><composing/>, <composing media="audio"/> or <paused/></chatstate>
wire::Node chatstate(Desk& desk, Shows what, const wire::Jid& chat) {
  wire::Node state(what == Shows::paused ? "paused" : "composing");
  if (what == Shows::recording) state.set("media", "audio");
  const wire::Jid user = desk.dialled.account(chat.without_device());
  wire::Node stanza("chatstate");
  stanza.set("to", user.is_user() ? resolve(desk, user).to : user);
  return stanza.add(std::move(state));
}

}  // namespace

void show_presence(Desk& desk, Shows what, const wire::Jid& chat, const Answered<bool>& answered) {
  if (what == Shows::online || what == Shows::offline) {
    const Status done = desk.presence.choose(what == Shows::online);
    return answered(done ? Result<bool>(true) : Result<bool>(done.error()));
  }
  if (const Status reached = desk.presence.reachable(); !reached) return answered(reached.error());
  desk.stanzas.send(chatstate(desk, what, chat));
  answered(true);
}

}  // namespace pigeond::engine
