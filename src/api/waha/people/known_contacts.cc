// Contacts: whom the account has heard of. From rows; WhatsApp is not asked.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/people/shapes.h"
#include "base/limits.h"
#include "store/account/credentials.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;
using store::People;

constexpr const char* kTag = "Contacts";

enum class Order { ascending, descending };
constexpr std::pair<std::string_view, People::By> kSortBy[] = {{"id", People::By::id},
                                                               {"name", People::By::name}};
constexpr std::pair<std::string_view, Order> kSortOrder[] = {{"asc", Order::ascending},
                                                             {"desc", Order::descending}};

struct ListContacts {
  std::string session = "default";
  std::size_t limit = 100;
  std::size_t offset = 0;
  People::By sort_by = People::By::id;
  Order order = Order::ascending;
  static constexpr const char* kName = "ListContacts";
  static void describe(schema::Input<ListContacts>& is) {
    is.session(&ListContacts::session, kSession);
    is("limit", &ListContacts::limit).range(1, limits::kListLimit);
    is("offset", &ListContacts::offset);
    is("sortBy", &ListContacts::sort_by, kSortBy);
    is("sortOrder", &ListContacts::order, kSortOrder);
  }
};

struct OfContact {
  std::string session = "default";
  wire::Jid contact;
  static constexpr const char* kName = "KnownContact";
  static void describe(schema::Input<OfContact>& is) {
    is.session(&OfContact::session, kSession);
    is("contactId", &OfContact::contact, kUserId).required();
  }
};
struct OfContactInPath {
  std::string session = "default";
  wire::Jid contact;
  static constexpr const char* kName = "KnownContactById";
  static void describe(schema::Input<OfContactInPath>& is) {
    is.session(&OfContactInPath::session, kSession);
    is("id", &OfContactInPath::contact, kUserId).required();
  }
};

ShownContact shown(store::Person person, const std::optional<store::AccountName>& own) {
  ShownContact contact{std::move(person), false};
  if (!own) return contact;
  contact.me = (!contact.person.pn.empty() && own->pn.same_user(contact.person.pn)) ||
               (!contact.person.lid.empty() && own->lid.same_user(contact.person.lid));
  if (contact.me) contact.person.name = own->push_name;
  return contact;
}

HttpReply list(const Call& call, const ListContacts& in) {
  const auto contacts = call.gateway.read<std::vector<ShownContact>>(
      in.session, [in](store::Database& database, std::int64_t session) -> Result<std::vector<ShownContact>> {
        const auto own = store::CredentialsTable(database, session).name();
        std::vector<ShownContact> all;
        for (auto& person :
             People(database, session).page(in.sort_by, in.order == Order::descending, in.limit, in.offset))
          all.push_back(shown(std::move(person), own));
        return all;
      });
  if (!contacts) return session_failure(call.gateway, in.session, contacts.error(), "WORKING");
  return json_reply(200, schema::list_of<ContactShape>(*contacts));
}

HttpReply one(const Call& call, const std::string& name, const wire::Jid& contact) {
  const auto found = call.gateway.read<ShownContact>(
      name, [contact](store::Database& database, std::int64_t session) -> Result<ShownContact> {
        return shown(People(database, session).find(contact),
                     store::CredentialsTable(database, session).name());
      });
  if (!found) return session_failure(call.gateway, name, found.error(), "WORKING");
  return reply<ContactShape>(200, *found);
}

}  // namespace

Operations known_contact_operations() {
  return {
      operation<ListContacts>(
          {"GET", "/api/contacts/all", "listContacts", kTag, Scope::read, Whose::one,
           "Whom the account has heard of: by their messages, the history, lookups, and groups"},
          list)
          .gives(200, "Names are those that people have given themselves.", json_list<ContactShape>())
          .fails({422}),
      operation<OfContact>(
          {"GET", "/api/contacts", "getContact", kTag, Scope::read, Whose::one,
           "What is known of somebody, be he on WhatsApp or not"},
          [](const Call& call, const OfContact& in) { return one(call, in.session, in.contact); })
          .gives(200, "From what was heard; WhatsApp is not asked.", json<ContactShape>())
          .fails({422}),
      operation<OfContactInPath>(
          {"GET", "/api/{session}/contacts/{id}", "getContactById", kTag, Scope::read, Whose::one,
           "What is known of somebody, be he on WhatsApp or not"},
          [](const Call& call, const OfContactInPath& in) { return one(call, in.session, in.contact); })
          .gives(200, "From what was heard; WhatsApp is not asked.", json<ContactShape>())
          .fails({422}),
  };
}

}  // namespace pigeond::api::waha
