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
    const bool before = desk.presence.available();
    const Status done = desk.presence.choose(what == Shows::online);
    if (done && what == Shows::online && !before) desk.watches.renew();
    return answered(done ? Result<bool>(true) : Result<bool>(done.error()));
  }
  if (const Status reached = desk.presence.reachable(); !reached) return answered(reached.error());
  desk.stanzas.send(chatstate(desk, what, chat));
  answered(true);
}

void watch_presence(Desk& desk, const wire::Jid& chat, const Answered<bool>& answered) {
  const Status watched = desk.watches.watch(chat);
  answered(watched ? Result<bool>(true) : Result<bool>(watched.error()));
}

void look_at_presence(Desk& desk, const wire::Jid& chat, Answered<Watched> answered) {
  desk.watches.look(chat, std::move(answered));
}

void list_presences(Desk& desk, const Answered<std::vector<Watched>>& answered) {
  answered(desk.watches.all());
}

}  // namespace pigeond::engine
