// The WAHA dialect: a table of operations, a file a section of its documentation. Where two rows match a
// request the first wins.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/json.h"
#include "api/keys/key_ring.h"
#include "api/operations/operation.h"

namespace pigeond::api {
class Streams;
}

namespace pigeond::api::waha {

// What rows need besides the gateway.
struct Services {
  std::string version;         // of this program
  std::function<Json()> door;  // counts what came to the HTTP server, for /health
  std::shared_ptr<KeyRing> keys;
  Streams* streams = nullptr;  // outlives the rows
};

// With the OpenAPI document of themselves, as /api/openapi.json and, as WAHA has it, /-json.
Operations operations(const Services& services);

Operations session_operations();
Operations former_session_operations();
Operations pairing_operations();
Operations chatting_operations();
Operations card_operations();
Operations chat_timer_operations();
Operations poll_operations();
Operations about_operations();
Operations seen_operations();
Operations outbox_operations();
Operations presence_operations();
Operations contact_operations();
Operations lid_operations();
Operations group_operations();
Operations group_setting_operations();
Operations known_contact_operations();
Operations blocklist_operations();
Operations profile_operations();
Operations call_operations();
Operations receipt_operations();
Operations file_operations();
Operations webhook_operations();
Operations stream_operations(Streams* streams);
Operations key_operations(std::shared_ptr<KeyRing> keys);
Operations server_operations(const Services& services);
// `document` makes the text that they serve.
Operations document_operations(std::function<std::string()> document);

// Fields of rows that need nothing but to know whose session they are about.
struct OfSession {
  std::string session = "default";
  static constexpr const char* kName = "OfSession";
  static void describe(schema::Input<OfSession>& is);
};

}  // namespace pigeond::api::waha
