// Contacts: is a number on WhatsApp?
#include "api/json.h"
#include "api/reply.h"
#include "api/waha/ids.h"
#include "api/waha/routes.h"

namespace pigeond::api::waha {
namespace {

net::HttpReply check_exists(gateway::Gateway& gateway, const net::HttpRequest& request) {
  auto session = request.parameter("session");
  if (session.empty()) session = "default";
  auto digits = parse_phone(request.parameter("phone"), "phone");
  if (!digits) return failure_reply(digits.error());
  auto number = gateway.check_number(session, *digits);
  if (!number) return session_failure(gateway, session, number.error(), "WORKING");
  Json body;
  body["numberExists"] = number->exists;
  if (number->exists) {
    body["chatId"] = chat_id(number->pn, number->lid, {});
    body["pn"] = chat_id(number->pn);
    if (!number->lid.empty()) body["lid"] = chat_id(number->lid);
  }
  return json_reply(200, body);
}

}  // namespace

void add_contact_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  const auto handler = [&](const net::HttpRequest& r) { return check_exists(gateway, r); };
  router.add("GET", "/api/contacts/check-exists", handler);
  router.add("GET", "/api/checkNumberStatus", handler);
}

}  // namespace pigeond::api::waha
