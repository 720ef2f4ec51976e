#include "api/waha/operations.h"

#include <memory>

#include "api/operations/openapi.h"
#include "api/waha/formats.h"

namespace pigeond::api::waha {

void OfSession::describe(schema::Input<OfSession>& is) {
  is.session(&OfSession::session, kSession);
}

Operations operations(const Services& services) {
  Operations all;
  const auto add = [&all](const Operations& section) {
    all.insert(all.end(), section.begin(), section.end());
  };
  add(session_operations());
  add(key_operations(services.keys));
  add(pairing_operations());
  add(chatting_operations());
  add(outbox_operations());
  add(contact_operations());
  add(lid_operations());
  add(webhook_operations());
  add(server_operations(services));
  // The document names these rows, too: their handlers find it once it is made.
  const auto document = std::make_shared<std::string>();
  add(document_operations([document] { return *document; }));
  *document = openapi_document(all, services.version);
  return all;
}

}  // namespace pigeond::api::waha
