// Groups: which there are, what they are, and how the account comes into them and out.
#include <algorithm>
#include <tuple>

#include "api/waha/failures.h"
#include "api/waha/groups/calls.h"
#include "api/waha/groups/shapes.h"
#include "api/waha/ids.h"
#include "api/waha/shapes.h"
#include "base/limits.h"
#include "engine/groups/group_directory.h"
#include "engine/groups/joined.h"
#include "engine/groups/membership.h"
#include "engine/messages/desk.h"

namespace pigeond::api::waha {
namespace {

using engine::Desk;
using engine::GroupDirectory;
using net::HttpReply;

constexpr std::size_t kPeople = 1024;  // of one call
constexpr std::size_t kSubject = 100;  // characters

struct CreateGroup {
  std::string session = "default";
  std::string name;
  std::vector<Participant> participants;
  static constexpr const char* kName = "CreateGroupRequest";
  static void describe(schema::Input<CreateGroup>& is) {
    is.session(&CreateGroup::session, kSession);
    is("name", &CreateGroup::name).required().length(1, kSubject);
    is("participants", &CreateGroup::participants).required().at_most(kPeople);
  }
};

// The group, and what became of who was to be in it.
struct MadeShape {
  using Of = engine::NewGroup;
  static constexpr const char* kName = "NewGroup";
  static void describe(schema::Output<Of>& shows) {
    shows.among<GroupShape>([](const Of& made) { return made.group; });
    shows.list<MemberResultShape>(
        "results", [](const Of& made) -> const auto& { return made.members; });
  }
};

HttpReply create(const Call& call, const CreateGroup& in) {
  return ask_group<engine::NewGroup>(
      call, in.session,
      [name = in.name, people = jids(in.participants)](Desk& desk, auto answered) {
        create_group(desk, name, people, std::move(answered));
      },
      [](const engine::NewGroup& made) { return reply<MadeShape>(201, made); });
}

enum class SortBy { id, subject };
enum class SortOrder { up, down };
constexpr std::pair<std::string_view, SortBy> kSorts[] = {{"id", SortBy::id}, {"subject", SortBy::subject}};
constexpr std::pair<std::string_view, SortOrder> kOrders[] = {{"asc", SortOrder::up},
                                                              {"desc", SortOrder::down}};
enum class Left { participants };
constexpr std::pair<std::string_view, Left> kLeftOut[] = {{"participants", Left::participants}};

struct ListGroups {
  std::string session = "default";
  std::size_t limit = limits::kListLimit;
  std::size_t offset = 0;
  SortBy sort_by = SortBy::id;
  SortOrder order = SortOrder::up;
  std::vector<Left> exclude;
  static constexpr const char* kName = "ListGroups";
  static void describe(schema::Input<ListGroups>& is) {
    is.session(&ListGroups::session, kSession);
    is("limit", &ListGroups::limit).range(1, limits::kListLimit);
    is("offset", &ListGroups::offset);
    is("sortBy", &ListGroups::sort_by, kSorts);
    is("sortOrder", &ListGroups::order, kOrders);
    is("exclude", &ListGroups::exclude, kLeftOut).help("participants: the groups without them.");
  }
};

std::vector<store::GroupRow> page(std::vector<store::GroupRow> rows, const ListGroups& in) {
  std::ranges::sort(rows, [&](const auto& a, const auto& b) {
    const auto& [first, second] = in.order == SortOrder::up ? std::tie(a, b) : std::tie(b, a);
    return in.sort_by == SortBy::id
               ? first.jid < second.jid
               : std::tie(first.subject, first.jid) < std::tie(second.subject, second.jid);
  });
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(in.offset, rows.size())));
  if (rows.size() > in.limit) rows.resize(in.limit);
  return rows;
}

// Asked for once of WhatsApp, from then on told by it: then it is read beside the loop.
template <typename Found>
Result<Found> look(const Call& call, const std::string& session,
                   std::function<Result<Found>(store::Database&, std::int64_t)> what) {
  const auto asked = call.gateway.ask_once<bool>(session, "groups", [](Desk& desk, auto answered) {
    ask_joined_groups(desk, false, std::move(answered));
  });
  if (!asked) return asked.error();
  return call.gateway.read<Found>(session, std::move(what));
}

HttpReply list(const Call& call, const ListGroups& in) {
  using Groups = std::vector<engine::Group>;
  const auto groups =
      look<Groups>(call, in.session, [in](store::Database& database, std::int64_t row) -> Result<Groups> {
        store::Groups known(database, row);
        Groups out;
        for (auto& facts : page(known.present(), in)) {
          auto& group = out.emplace_back();
          if (in.exclude.empty()) group.members = known.members(facts.jid);
          group.facts = std::move(facts);
        }
        return out;
      });
  if (!groups) return group_failure(call, in.session, groups.error());
  return json_reply(200, in.exclude.empty() ? schema::list_of<GroupShape>(*groups)
                                            : schema::list_of<GroupFactsShape>(*groups));
}

struct GroupCountShape {
  using Of = std::size_t;
  static constexpr const char* kName = "CountGroups";
  static void describe(schema::Output<Of>& shows) {
    shows("count", [](const Of& count) { return count; });
  }
};

HttpReply count(const Call& call, const OfSession& in) {
  using Count = std::size_t;
  const auto count = look<Count>(call, in.session, [](store::Database& database, std::int64_t row) {
    return Result<Count>(static_cast<Count>(store::Groups(database, row).count()));
  });
  if (!count) return group_failure(call, in.session, count.error());
  return reply<GroupCountShape>(200, *count);
}

HttpReply refresh(const Call& call, const OfSession& in) {
  return ask_group<bool>(
      call, in.session, [](Desk& desk, auto answered) { ask_joined_groups(desk, true, std::move(answered)); },
      [](bool) { return reply<DoneShape>(200, true); });
}

// `show` makes the answer of what is known of the group.
template <typename Show>
HttpReply of_group(const Call& call, const OfGroup& in, Show show) {
  return ask_group<GroupDirectory::Known>(
      call, in.session, [id = in.id](Desk& desk, auto answered) { desk.groups.ask(id, std::move(answered)); },
      [show](const GroupDirectory::Known& group) { return show(*group); });
}

HttpReply one(const Call& call, const OfGroup& in) {
  return of_group(call, in, [](const engine::Group& group) { return reply<GroupShape>(200, group); });
}

HttpReply participants(const Call& call, const OfGroup& in) {
  return of_group(call, in, [](const engine::Group& group) {
    return json_reply(200, schema::list_of<WholeMemberShape>(group.members));
  });
}

HttpReply participants_v2(const Call& call, const OfGroup& in) {
  return of_group(call, in, [](const engine::Group& group) {
    return json_reply(200, schema::list_of<MemberShape>(group.members));
  });
}

HttpReply leave(const Call& call, const OfGroup& in) {
  return ask_group<bool>(
      call, in.session,
      [id = in.id](Desk& desk, auto answered) { leave_group(desk, id, std::move(answered)); },
      [](bool) { return reply<DoneShape>(200, true); });
}

struct Participants : OfGroup {
  std::vector<Participant> participants;
  static constexpr const char* kName = "ParticipantsRequest";
  static void describe(schema::Input<Participants>& is) {
    describe_group(is);
    is("participants", &Participants::participants).required().at_most(kPeople);
  }
};

HttpReply change(const Call& call, const Participants& in, engine::MemberChange what) {
  using Results = std::vector<engine::MemberResult>;
  if (in.participants.empty())
    return failure_reply(fail(Cause::bad_input, "participants must have at least one item"));
  return ask_group<Results>(
      call, in.session,
      [id = in.id, people = jids(in.participants), what](Desk& desk, auto answered) {
        change_members(desk, id, what, people, std::move(answered));
      },
      [](const Results& results) { return json_reply(200, schema::list_of<MemberResultShape>(results)); });
}

template <engine::MemberChange kWhat>
Operation changing(std::string path, std::string id, std::string summary) {
  return operation<Participants>(
             {"POST", kGroup + std::move(path), std::move(id), kGroupTag, Scope::send, Whose::one,
              std::move(summary)},
             [](const Call& call, const Participants& in) { return change(call, in, kWhat); })
      .gives(200, "What became of each of them, in their order.", json_list<MemberResultShape>())
      .fails({404, 422, 429, 502, 504});
}

}  // namespace

Operations group_operations() {
  using engine::MemberChange;
  const std::string all = kGroups, path = kGroup;
  return {
      operation<CreateGroup>(
          {"POST", all, "createGroup", kGroupTag, Scope::send, Whose::one, "Makes a group"}, create)
          .gives(201, "The group, with what became of each participant in `results`.", json<MadeShape>())
          .fails({422, 429, 502, 504}),
      operation<ListGroups>(
          {"GET", all, "getGroups", kGroupTag, Scope::read, Whose::one, "The groups that the account is in"},
          list)
          .gives(200, "With their participants, unless those are left out.",
                 {json_list<GroupShape>(), json_list<GroupFactsShape>()})
          .fails({422, 429, 502, 504}),
      operation<OfSession>(
          {"GET", all + "/count", "getGroupsCount", kGroupTag, Scope::read, Whose::one, "How many groups"},
          count)
          .gives(200, "The number.", json<GroupCountShape>())
          .fails({422, 429, 502, 504}),
      operation<OfSession>({"POST", all + "/refresh", "refreshGroups", kGroupTag, Scope::send, Whose::one,
                            "Asks WhatsApp for all groups anew"},
                           refresh)
          .gives(200, "They are known.", json<DoneShape>())
          .fails({422, 429, 502, 504}),
      operation<OfGroup>({"GET", path, "getGroup", kGroupTag, Scope::read, Whose::one, "A group"}, one)
          .gives(200, "What is known of it.", json<GroupShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<OfGroup>(
          {"DELETE", path, "deleteGroup", kGroupTag, Scope::send, Whose::one, "Leaves a group"}, leave)
          .gives(200, "The account is not in it any more.", json<DoneShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<OfGroup>(
          {"POST", path + "/leave", "leaveGroup", kGroupTag, Scope::send, Whose::one, "Leaves a group"},
          leave)
          .gives(200, "The account is not in it any more.", json<DoneShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<OfGroup>({"GET", path + "/participants", "getGroupParticipants", kGroupTag, Scope::read,
                          Whose::one, "Who is in a group"},
                         participants)
          .gives(200, "By address.", json_list<WholeMemberShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<OfGroup>({"GET", path + "/participants/v2", "getGroupParticipantsV2", kGroupTag, Scope::read,
                          Whose::one, "Who is in a group"},
                         participants_v2)
          .gives(200, "By address.", json_list<MemberShape>())
          .fails({404, 422, 429, 502, 504}),
      changing<MemberChange::add>("/participants/add", "addParticipants", "Adds people to a group"),
      changing<MemberChange::remove>("/participants/remove", "removeParticipants",
                                     "Removes people from a group"),
      changing<MemberChange::promote>("/admin/promote", "promoteToAdmin", "Makes members admins"),
      changing<MemberChange::demote>("/admin/demote", "demoteToAdmin", "Makes admins members"),
  };
}

}  // namespace pigeond::api::waha
