// LIDs: the hidden ids of people, and the numbers behind them, as far as this account has heard of both.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/operations.h"
#include "base/limits.h"
#include "store/account/lid_mappings.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;
using store::LidMappings;

constexpr const char* kTag = "Contacts";

struct Known {
  std::string lid, pn;  // user parts; empty: unknown
};

struct KnownShape {
  using Of = Known;
  static constexpr const char* kName = "LidToPhoneNumber";
  static void describe(schema::Output<Of>& shows) {
    shows("lid", [](const Of& known) {
      return schema::text_if(known.lid.empty() ? "" : known.lid + "@lid");
    }).or_null();
    shows("pn", [](const Of& known) {
      return schema::text_if(known.pn.empty() ? "" : known.pn + "@c.us");
    }).or_null();
  }
};

struct CountShape {
  using Of = std::int64_t;
  static constexpr const char* kName = "Count";
  static void describe(schema::Output<Of>& shows) {
    shows("count", [](const Of& count) { return count; });
  }
};

// What is known of this session's account, read beside the loop.
template <typename T>
Result<T> known(const Call& call, const std::string& session, std::function<T(LidMappings&)> look) {
  return call.gateway.read<T>(
      session, [look = std::move(look)](store::Database& database, std::int64_t row) -> Result<T> {
        LidMappings mappings(database, row);
        return look(mappings);
      });
}

struct ListLids {
  std::string session = "default";
  std::size_t limit = 100;
  std::size_t offset = 0;
  static constexpr const char* kName = "ListLids";
  static void describe(schema::Input<ListLids>& is) {
    is.session(&ListLids::session, kSession);
    is("limit", &ListLids::limit).range(1, limits::kListLimit);
    is("offset", &ListLids::offset);
  }
};

HttpReply list(const Call& call, const ListLids& in) {
  const auto rows = known<std::vector<Known>>(call, in.session,
                                              [limit = in.limit, offset = in.offset](LidMappings& mappings) {
                                                std::vector<Known> all;
                                                for (auto& row : mappings.page(limit, offset))
                                                  all.push_back({std::move(row.lid), std::move(row.pn)});
                                                return all;
                                              });
  if (!rows) return session_failure(call.gateway, in.session, rows.error(), "WORKING");
  return json_reply(200, schema::list_of<KnownShape>(*rows));
}

HttpReply count(const Call& call, const OfSession& in) {
  const auto number =
      known<std::int64_t>(call, in.session, [](LidMappings& mappings) { return mappings.count(); });
  if (!number) return session_failure(call.gateway, in.session, number.error(), "WORKING");
  return reply<CountShape>(200, *number);
}

// 123@lid, or its digits.
std::optional<std::string> lid_user(std::string_view text) {
  const auto jid =
      parse_chat_id(text.find('@') == std::string_view::npos ? std::string(text) + "@lid" : text);
  return jid && jid->is_lid() ? std::optional(jid->user) : std::nullopt;
}
constexpr schema::Format<std::string> kLid{"a LID: digits, or digits and @lid", "100000000000001@lid",
                                           lid_user};

struct ByLid {
  std::string session = "default";
  std::string lid;
  static constexpr const char* kName = "ByLid";
  static void describe(schema::Input<ByLid>& is) {
    is.session(&ByLid::session, kSession);
    is("lid", &ByLid::lid, kLid).required();
  }
};

HttpReply by_lid(const Call& call, const ByLid& in) {
  const auto found = known<Known>(call, in.session, [lid = in.lid](LidMappings& mappings) {
    return Known{lid, mappings.pn_of(lid).value_or("")};
  });
  if (!found) return session_failure(call.gateway, in.session, found.error(), "WORKING");
  return reply<KnownShape>(200, *found);
}

struct ByNumber {
  std::string session = "default";
  std::string number;
  static constexpr const char* kName = "ByPhoneNumber";
  static void describe(schema::Input<ByNumber>& is) {
    is.session(&ByNumber::session, kSession);
    is("phoneNumber", &ByNumber::number, kPhone).required();
  }
};

HttpReply by_number(const Call& call, const ByNumber& in) {
  const auto found = known<Known>(call, in.session, [pn = in.number](LidMappings& mappings) {
    return Known{mappings.lid_of(pn).value_or(""), pn};
  });
  if (!found) return session_failure(call.gateway, in.session, found.error(), "WORKING");
  return reply<KnownShape>(200, *found);
}

}  // namespace

Operations lid_operations() {
  const std::string path = "/api/{session}/lids";
  return {
      operation<ListLids>(
          {"GET", path, "listLids", kTag, Scope::read, Whose::one, "The LIDs whose numbers are known"}, list)
          .gives(200, "By LID.", json_list<KnownShape>())
          .fails({422}),
      operation<OfSession>({"GET", path + "/count", "countLids", kTag, Scope::read, Whose::one,
                            "How many LIDs have a number that is known"},
                           count)
          .gives(200, "The number.", json<CountShape>())
          .fails({422}),
      operation<ByLid>(
          {"GET", path + "/{lid}", "getNumberOfLid", kTag, Scope::read, Whose::one, "The number of a LID"},
          by_lid)
          .gives(200, "pn is null where it is not known.", json<KnownShape>())
          .fails({422}),
      operation<ByNumber>({"GET", path + "/pn/{phoneNumber}", "getLidOfNumber", kTag, Scope::read, Whose::one,
                           "The LID of a number"},
                          by_number)
          .gives(200, "lid is null where it is not known.", json<KnownShape>())
          .fails({422}),
  };
}

}  // namespace pigeond::api::waha
