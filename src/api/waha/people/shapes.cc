#include "api/waha/people/shapes.h"

#include "api/waha/ids.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

std::string name_of(engine::Showing showing) {
  switch (showing) {
    case engine::Showing::offline:
      return "offline";
    case engine::Showing::online:
      return "online";
    case engine::Showing::typing:
      return "typing";
    case engine::Showing::recording:
      return "recording";
    case engine::Showing::paused:
      return "paused";
  }
  return "offline";
}

}  // namespace

void PresentShape::describe(schema::Output<Of>& shows) {
  shows("participant", [](const Of& present) { return chat_id(present.pn, present.lid, present.who); });
  shows("lastKnownPresence", [](const Of& present) {
    return name_of(present.showing);
  }).one_of({"offline", "online", "typing", "recording", "paused"});
  shows("lastSeen", [](const Of& present) { return present.last_seen; })
      .or_null()
      .help("Unix seconds, of who is offline; null: he hides it.");
  shows("pn", [](const Of& present) { return id_if(present.pn); }).or_null();
  shows("lid", [](const Of& present) { return id_if(present.lid); }).or_null();
}

void WatchedShape::describe(schema::Output<Of>& shows) {
  shows("id", [](const Of& watched) { return chat_id(watched.pn, watched.lid, watched.chat); });
  shows.list<PresentShape>("presences", [](const Of& watched) { return watched.people; })
      .help("Of whom WhatsApp has told something on this link.");
}

void BlockedShape::describe(schema::Output<Of>& shows) {
  shows("id", [](const Of& blocked) { return chat_id(blocked.pn, blocked.lid, blocked.shown); });
  shows("pn", [](const Of& blocked) { return id_if(blocked.pn); }).or_null();
  shows("lid", [](const Of& blocked) { return id_if(blocked.lid); }).or_null();
}

void ContactShape::describe(schema::Output<Of>& shows) {
  shows("id", [](const Of& contact) { return chat_id(contact.person.pn, contact.person.lid, {}); });
  shows("pn", [](const Of& contact) { return id_if(contact.person.pn); }).or_null();
  shows("lid", [](const Of& contact) { return id_if(contact.person.lid); }).or_null();
  shows("number", [](const Of& contact) { return schema::text_if(contact.person.pn.user); })
      .or_null()
      .help("null: it is not known.");
  shows("name", [](const Of&) { return std::optional<std::string>(); })
      .or_null()
      .help("Of the phone's address book, which linked devices are not told here: null.");
  shows("pushname", [](const Of& contact) { return schema::text_if(contact.person.name); })
      .or_null()
      .help("How he calls himself.");
  shows("shortName", [](const Of& contact) {
    return schema::text_if(contact.person.name.substr(0, contact.person.name.find(' ')));
  }).or_null();
  shows("isMe", [](const Of& contact) { return contact.me; });
  shows("isGroup", [](const Of&) { return false; });
}

}  // namespace pigeond::api::waha
