#include "api/waha/operations.h"

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
  add(stream_operations(services.streams));
  add(server_operations(services));
  // Made of another such table for each who asks, who are few: kept, it would be a third of a small gateway's
  // heap.
  add(document_operations([services] { return openapi_document(operations(services), services.version); }));
  return all;
}

}  // namespace pigeond::api::waha
