// Contact cards.
#pragma once

#include <string>
#include <vector>

#include "engine/messages/kinds/content.h"

namespace pigeond::engine {

struct ContactCard {
  std::string name;   // as the recipient's list of messages shows it
  std::string vcard;  // RFC 2426 (3.0); see reading/vcard.h
};

// At least one, at most limits::kContacts.
Content contacts_content(const std::vector<ContactCard>& cards);

}  // namespace pigeond::engine
