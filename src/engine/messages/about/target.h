// The message that another one is about: who has written it, and what is stored of it.
#pragma once

#include <optional>
#include <vector>

#include "engine/effects.h"
#include "engine/messages/desk.h"
#include "engine/messages/kinds/about/sealed.h"
#include "engine/messages/kinds/content.h"
#include "wire/proto.h"

namespace pigeond::engine {

// Who says something, and where; chat and sender as its stanza names them.
struct Said {
  wire::Jid chat, sender;
  bool from_me = false;
  bool as_admin = false;  // the service lets it be done to a message of somebody else
};

struct Target {
  std::string id;
  wire::Jid author;  // user; empty: not known
  bool from_me = false;
  std::optional<store::MessageRow> row = std::nullopt;  // where it is stored; without its content
};

// As the key in a message says it, in the words of who has sent that. nullopt: it says nothing.
std::optional<Target> target_of(Desk& desk, const Said& said, const wa_MessageKey& key);
// As callers name it, in that chat. One that is not stored is known by its long id alone. not_found.
Result<Target> target_of(Desk& desk, const wire::Jid& chat, const MessageRef& ref);
// The same in whatever chat. not_found: it is not stored.
Result<Target> stored_target(Desk& desk, const MessageRef& ref);

MessageName name_of(Desk& desk, const wire::Jid& chat, const Target& target);
// As it was told, so far as that is stored.
MessageEvent event_of_row(Desk& desk, const store::MessageRow& row);

// Opens what was encrypted with the target's secret, whichever forms of the JIDs of both its sender has used.
// not_found: no secret of that message is known. bad_mac.
Result<Bytes> open_sealed(Desk& desk, const Said& said, const Target& target, const wa_MessageKey& key,
                          const SealedPart& part);
std::vector<Bytes> secrets_of(Desk& desk, const wire::Jid& chat, const Target& target);

}  // namespace pigeond::engine
