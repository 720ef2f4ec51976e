#include "api/waha/operations.h"

#include <memory>

#include "api/operations/openapi.h"
#include "api/packed_text.h"
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
  add(former_session_operations());
  add(key_operations(services.keys));
  add(pairing_operations());
  add(chatting_operations());
  add(card_operations());
  add(chat_timer_operations());
  add(poll_operations());
  add(about_operations());
  add(seen_operations());
  add(outbox_operations());
  add(presence_operations());
  add(contact_operations());
  add(lid_operations());
  add(group_setting_operations());  // /groups/join-info before /groups/{id}
  add(group_operations());
  add(known_contact_operations());
  add(blocklist_operations());
  add(profile_operations());
  add(call_operations());
  add(receipt_operations());
  add(file_operations());
  add(webhook_operations());
  add(stream_operations(services.streams));
  add(server_operations(services));
  // Made of another such table, once somebody asks.
  auto document = std::make_shared<PackedText>(
      [services] { return openapi_document(operations(services), services.version); });
  add(document_operations([document] { return document->text(); }));
  return all;
}

}  // namespace pigeond::api::waha
