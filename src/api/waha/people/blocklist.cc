// Whom the account has blocked; and what businesses say of themselves.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/people/shapes.h"
#include "engine/questions/people/business_profile.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;

constexpr const char* kTag = "Contacts";

struct BlockContact {
  std::string session = "default";
  wire::Jid contact;
  static constexpr const char* kName = "ContactRequest";
  static void describe(schema::Input<BlockContact>& is) {
    is.session(&BlockContact::session, kSession);
    is("contactId", &BlockContact::contact, kUserId).required();
  }
};

HttpReply set(const Call& call, const BlockContact& in, bool blocked) {
  const auto done =
      call.gateway.ask<bool>(in.session, [contact = in.contact, blocked](engine::Desk& desk, auto answered) {
        set_blocked(desk, contact, blocked, std::move(answered));
      });
  if (!done) return session_failure(call.gateway, in.session, done.error(), "WORKING");
  return json_reply(201, Json::object());
}

// Of the session in the query, as the rows beside it have it.
struct ShowBlocklist {
  std::string session = "default";
  static constexpr const char* kName = "ShowBlocklist";
  static void describe(schema::Input<ShowBlocklist>& is) { is.session(&ShowBlocklist::session, kSession); }
};

HttpReply show(const Call& call, const ShowBlocklist& in) {
  const auto blocked = call.gateway.ask_once<std::vector<engine::Blocked>>(
      in.session, "", [](engine::Desk& desk, auto answered) { ask_blocklist(desk, std::move(answered)); });
  if (!blocked) return session_failure(call.gateway, in.session, blocked.error(), "WORKING");
  return json_reply(200, schema::list_of<BlockedShape>(*blocked));
}

struct HoursShape {
  using Of = engine::BusinessProfile::Hours;
  static constexpr const char* kName = "BusinessHours";
  static void describe(schema::Output<Of>& shows) {
    shows("day", [](const Of& hours) { return hours.day; }).help("sun to sat.");
    shows("mode", [](const Of& hours) {
      return hours.mode;
    }).help("open_24h, specific_hours or appointment_only.");
    shows("open", [](const Of& hours) { return hours.open; }).or_null().help("Minutes after midnight.");
    shows("close", [](const Of& hours) { return hours.close; }).or_null();
  }
};

struct BusinessShape {
  using Of = std::optional<engine::BusinessProfile>;
  static constexpr const char* kName = "BusinessProfile";
  static void describe(schema::Output<Of>& shows) {
    using Profile = engine::BusinessProfile;
    const auto text = [&shows](const char* name, std::string Profile::*member) {
      shows(name, [member](const Of& of) {
        return of ? schema::text_if((*of).*member) : std::nullopt;
      }).or_null();
    };
    shows("isBusiness", [](const Of& of) { return of.has_value(); });
    text("description", &Profile::description);
    text("address", &Profile::address);
    text("email", &Profile::email);
    shows("websites", [](const Of& of) { return of ? of->websites : std::vector<std::string>(); });
    shows("categories", [](const Of& of) { return of ? of->categories : std::vector<std::string>(); });
    text("timezone", &Profile::timezone);
    shows.list<HoursShape>("hours",
                           [](const Of& of) { return of ? of->hours : std::vector<Profile::Hours>(); });
  }
};

HttpReply show_business(const Call& call, const BlockContact& in) {
  using Found = std::optional<engine::BusinessProfile>;
  const auto profile = call.gateway.ask_once<Found>(
      in.session, in.contact.text(), [contact = in.contact](engine::Desk& desk, auto answered) {
        ask_business_profile(desk, contact, std::move(answered));
      });
  if (!profile) return session_failure(call.gateway, in.session, profile.error(), "WORKING");
  return reply<BusinessShape>(200, *profile);
}

}  // namespace

Operations blocklist_operations() {
  return {
      operation<BlockContact>(
          {"POST", "/api/contacts/block", "blockContact", kTag, Scope::send, Whose::one, "Blocks somebody"},
          [](const Call& call, const BlockContact& in) { return set(call, in, true); })
          .gives(201, "He is blocked, or was.", any_json())
          .fails({422, 429, 502, 504}),
      operation<BlockContact>({"POST", "/api/contacts/unblock", "unblockContact", kTag, Scope::send,
                               Whose::one, "Takes that back"},
                              [](const Call& call, const BlockContact& in) { return set(call, in, false); })
          .gives(201, "He is not blocked.", any_json())
          .fails({422, 429, 502, 504}),
      operation<ShowBlocklist>(
          {"GET", "/api/contacts/blocklist", "getBlocklist", kTag, Scope::read, Whose::one, "Who is blocked"},
          show)
          .gives(200, "What WhatsApp says.", json_list<BlockedShape>())
          .fails({422, 429, 502, 504}),
      operation<BlockContact>({"GET", "/api/contacts/business-profile", "getBusinessProfile", kTag,
                               Scope::read, Whose::one, "What a business says of itself"},
                              show_business)
          .gives(200, "What WhatsApp says.", json<BusinessShape>())
          .fails({422, 429, 502, 504}),
  };
}

}  // namespace pigeond::api::waha
