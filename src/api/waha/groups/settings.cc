// Groups: what one is called, what its members may do, and how people come in.
#include "engine/groups/settings.h"

#include <algorithm>
#include <cctype>

#include "api/waha/failures.h"
#include "api/waha/groups/calls.h"
#include "api/waha/groups/shapes.h"
#include "api/waha/ids.h"
#include "engine/groups/group_directory.h"
#include "engine/groups/invites.h"
#include "engine/messages/desk.h"

namespace pigeond::api::waha {
namespace {

using engine::Desk;
using engine::GroupDirectory;
using engine::GroupSetting;
using net::HttpReply;

constexpr std::size_t kSubject = 100, kDescription = 2048;  // characters
constexpr std::size_t kPeople = 1024;                       // of one call
constexpr std::size_t kCode = 64;                           // characters

HttpReply done(bool) {
  return json_reply(200, Json(true));
}

struct SetSubject : OfGroup {
  std::string subject;
  static constexpr const char* kName = "SubjectRequest";
  static void describe(schema::Input<SetSubject>& is) {
    describe_group(is);
    is("subject", &SetSubject::subject).required().length(1, kSubject);
  }
};

HttpReply set_subject(const Call& call, const SetSubject& in) {
  return ask_group<bool>(
      call, in.session,
      [id = in.id, text = in.subject](Desk& desk, auto answered) {
        set_group_subject(desk, id, text, std::move(answered));
      },
      done);
}

struct SetDescription : OfGroup {
  std::string description;
  static constexpr const char* kName = "DescriptionRequest";
  static void describe(schema::Input<SetDescription>& is) {
    describe_group(is);
    is("description", &SetDescription::description)
        .required()
        .may_be_empty()
        .length(0, kDescription)
        .help("Empty: none any more.");
  }
};

HttpReply set_description(const Call& call, const SetDescription& in) {
  return ask_group<bool>(
      call, in.session,
      [id = in.id, text = in.description](Desk& desk, auto answered) {
        set_group_description(desk, id, text, std::move(answered));
      },
      done);
}

// A setting as a member of JSON: `same` where its word says what the engine's does, else the opposite.
struct Setting {
  GroupSetting what;
  bool store::GroupRow::*field;
  bool same;
};
constexpr Setting kInfo{GroupSetting::locked, &store::GroupRow::locked, true};
constexpr Setting kMessages{GroupSetting::announce, &store::GroupRow::announce, true};
constexpr Setting kAdding{GroupSetting::admins_add, &store::GroupRow::admins_add, false};
constexpr Setting kApproving{GroupSetting::approval, &store::GroupRow::approval, true};

struct AdminsOnly : OfGroup {
  bool on = true;
  static constexpr const char* kName = "SettingsSecurityChangeInfo";
  static constexpr const char* kShown = "GroupAdminsOnly";
  static constexpr const char* kWord = "adminsOnly";
  static void describe(schema::Input<AdminsOnly>& is) {
    describe_group(is);
    is(kWord, &AdminsOnly::on).required();
  }
};
struct MembersAdd : OfGroup {
  bool on = true;
  static constexpr const char* kName = "GroupMemberAddMode";
  static constexpr const char* kShown = "GroupMembersAdd";
  static constexpr const char* kWord = "membersCanAddNewMember";
  static void describe(schema::Input<MembersAdd>& is) {
    describe_group(is);
    is(kWord, &MembersAdd::on).required();
  }
};
struct Approval : OfGroup {
  bool on = true;
  static constexpr const char* kName = "GroupMembershipApproval";
  static constexpr const char* kShown = "GroupApproval";
  static constexpr const char* kWord = "newMembersApprovalRequired";
  static void describe(schema::Input<Approval>& is) {
    describe_group(is);
    is(kWord, &Approval::on).required();
  }
};

template <typename In>
struct SettingShape {
  using Of = bool;
  static constexpr const char* kName = In::kShown;
  static void describe(schema::Output<Of>& shows) {
    shows(In::kWord, [](const Of& on) { return on; });
  }
};

template <typename In, const Setting& kSetting>
HttpReply show_setting(const Call& call, const OfGroup& in) {
  return ask_group<GroupDirectory::Known>(
      call, in.session, [id = in.id](Desk& desk, auto answered) { desk.groups.ask(id, std::move(answered)); },
      [](const GroupDirectory::Known& group) {
        return reply<SettingShape<In>>(200, group->facts.*kSetting.field == kSetting.same);
      });
}

template <typename In, const Setting& kSetting>
HttpReply set_setting(const Call& call, const In& in) {
  return ask_group<bool>(
      call, in.session,
      [id = in.id, on = in.on == kSetting.same](Desk& desk, auto answered) {
        set_group_setting(desk, id, kSetting.what, on, std::move(answered));
      },
      [on = in.on](bool) { return reply<SettingShape<In>>(200, on); });
}

template <typename In, const Setting& kSetting>
void add_setting(Operations& all, const std::string& name, const std::string& id,
                 const std::string& summary) {
  const std::string path = std::string(kGroup) + "/settings/security/" + name;
  all.push_back(operation<OfGroup>({"GET", path, "get" + id, kGroupTag, Scope::read, Whose::one, summary},
                                   show_setting<In, kSetting>)
                    .gives(200, "As it stands.", json<SettingShape<In>>())
                    .fails({404, 422, 429, 502, 504}));
  all.push_back(operation<In>({"PUT", path, "set" + id, kGroupTag, Scope::send, Whose::one, summary},
                              set_setting<In, kSetting>)
                    .gives(200, "It is set.", json<SettingShape<In>>())
                    .fails({404, 422, 429, 502, 504}));
}

constexpr std::int64_t kTimers[] = {0, 86400, 604800, 7776000};

struct SetTimer : OfGroup {
  std::int64_t seconds = 0;
  static constexpr const char* kName = "GroupEphemeralRequest";
  static void describe(schema::Input<SetTimer>& is) {
    describe_group(is);
    is("seconds", &SetTimer::seconds).required().help("0: messages stay; 86400, 604800 or 7776000.");
  }
};

HttpReply set_timer(const Call& call, const SetTimer& in) {
  if (std::find(std::begin(kTimers), std::end(kTimers), in.seconds) == std::end(kTimers))
    return failure_reply(fail(Cause::bad_input, "seconds must be 0, 86400, 604800 or 7776000"));
  return ask_group<bool>(
      call, in.session,
      [id = in.id, seconds = in.seconds](Desk& desk, auto answered) {
        set_group_timer(desk, id, seconds, std::move(answered));
      },
      done);
}

// --- by a link ---

HttpReply code_reply(const std::string& code) {
  return {200, "text/plain; charset=utf-8", code, {}};
}

HttpReply invite_code(const Call& call, const OfGroup& in) {
  return ask_group<std::string>(
      call, in.session,
      [id = in.id](Desk& desk, auto answered) { ask_invite_code(desk, id, false, std::move(answered)); },
      code_reply);
}

HttpReply reset_code(const Call& call, const OfGroup& in) {
  return ask_group<std::string>(
      call, in.session,
      [id = in.id](Desk& desk, auto answered) { ask_invite_code(desk, id, true, std::move(answered)); },
      code_reply);
}

// CODE, or https://chat.whatsapp.com/CODE with or without a query.
std::optional<std::string> code_of(std::string_view text) {
  constexpr std::string_view kHost = "chat.whatsapp.com/";
  if (const auto at = text.find(kHost); at != std::string_view::npos) text.remove_prefix(at + kHost.size());
  if (text.starts_with("invite/")) text.remove_prefix(7);
  text = text.substr(0, text.find_first_of("?#/"));
  const bool plain =
      std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
  return plain && !text.empty() && text.size() <= kCode ? std::optional(std::string(text)) : std::nullopt;
}
constexpr schema::Format<std::string> kCodeFormat{
    "an invitation's code, or https://chat.whatsapp.com/ with it", "BUhAtHGwMzSDBOqWhBTiM2", code_of};

struct ByCode {
  std::string session = "default";
  std::string code;
  static constexpr const char* kName = "JoinGroupRequest";
  static void describe(schema::Input<ByCode>& is) {
    is.session(&ByCode::session, kSession);
    is("code", &ByCode::code, kCodeFormat).required();
  }
};

HttpReply join_info(const Call& call, const ByCode& in) {
  return ask_group<engine::Group>(
      call, in.session,
      [code = in.code](Desk& desk, auto answered) { ask_invited_group(desk, code, std::move(answered)); },
      [](const engine::Group& group) { return reply<GroupFactsShape>(200, group); });
}

struct JoinedShape {
  using Of = engine::JoinedByCode;
  static constexpr const char* kName = "JoinGroupResponse";
  static void describe(schema::Output<Of>& shows) {
    shows("id", [](const Of& joined) { return chat_id(joined.group); });
    shows("waitsForApproval", [](const Of& joined) {
      return joined.waits;
    }).help("An admin has to let the account in.");
  }
};

HttpReply join(const Call& call, const ByCode& in) {
  return ask_group<engine::JoinedByCode>(
      call, in.session,
      [code = in.code](Desk& desk, auto answered) { join_by_code(desk, code, std::move(answered)); },
      [](const engine::JoinedByCode& joined) { return reply<JoinedShape>(200, joined); });
}

HttpReply join_requests(const Call& call, const OfGroup& in) {
  using Requests = std::vector<engine::JoinRequest>;
  return ask_group<Requests>(
      call, in.session,
      [id = in.id](Desk& desk, auto answered) { ask_join_requests(desk, id, std::move(answered)); },
      [](const Requests& requests) { return json_reply(200, schema::list_of<JoinRequestShape>(requests)); });
}

struct Decision : OfGroup {
  std::vector<Participant> participants;
  static constexpr const char* kName = "JoinRequestsDecision";
  static void describe(schema::Input<Decision>& is) {
    describe_group(is);
    is("participants", &Decision::participants).required().at_most(kPeople);
  }
};

struct DecidedShape {
  using Of = engine::MemberResult;
  static constexpr const char* kName = "JoinRequestResult";
  static void describe(schema::Output<Of>& shows) {
    shows("requesterId", [](const Of& result) { return chat_id(result.asked); });
    shows("success", [](const Of& result) { return result.code == 200; });
    shows("status", [](const Of& result) { return std::to_string(result.code); });
  }
};

template <bool kApprove>
HttpReply decide(const Call& call, const Decision& in) {
  using Results = std::vector<engine::MemberResult>;
  if (in.participants.empty())
    return failure_reply(fail(Cause::bad_input, "participants must have at least one item"));
  std::vector<wire::Jid> people = jids(in.participants);
  return ask_group<Results>(
      call, in.session,
      [id = in.id, people](Desk& desk, auto answered) {
        decide_join_requests(desk, id, kApprove, people, std::move(answered));
      },
      [](const Results& results) { return json_reply(201, schema::list_of<DecidedShape>(results)); });
}

Operation telling_code(Row row, HttpReply (*run)(const Call&, const OfGroup&)) {
  return operation<OfGroup>(std::move(row), run)
      .gives(200, "The code of https://chat.whatsapp.com/CODE.", api::text("text/plain"))
      .fails({404, 422, 429, 502, 504});
}

}  // namespace

Operations group_setting_operations() {
  const std::string all = kGroups, path = kGroup, requests = path + "/participants/join-requests";
  Operations rows = {
      operation<ByCode>({"GET", all + "/join-info", "joinInfo", kGroupTag, Scope::read, Whose::one,
                         "A group as its invitation shows it"},
                        join_info)
          .gives(200, "Without its participants.", json<GroupFactsShape>())
          .fails({404, 409, 422, 429, 502, 504}),
      operation<ByCode>({"POST", all + "/join", "joinGroup", kGroupTag, Scope::send, Whose::one,
                         "Joins a group by its invitation"},
                        join)
          .gives(200, "The account is in it, or waits to be let in.", json<JoinedShape>())
          .fails({404, 409, 422, 429, 502, 504}),
      operation<SetSubject>({"PUT", path + "/subject", "setSubject", kGroupTag, Scope::send, Whose::one,
                             "What a group is called"},
                            set_subject)
          .gives(200, "It is set.", any_json())
          .fails({404, 409, 422, 429, 502, 504}),
      operation<SetDescription>({"PUT", path + "/description", "setDescription", kGroupTag, Scope::send,
                                 Whose::one, "The description of a group"},
                                set_description)
          .gives(200, "It is set.", any_json())
          .fails({404, 409, 422, 429, 502, 504}),
      operation<SetTimer>({"PUT", path + "/settings/ephemeral", "setGroupEphemeral", kGroupTag, Scope::send,
                           Whose::one, "After which time messages in a group vanish"},
                          set_timer)
          .gives(200, "It is set.", any_json())
          .fails({404, 409, 422, 429, 502, 504}),
      telling_code({"GET", path + "/invite-code", "getInviteCode", kGroupTag, Scope::send, Whose::one,
                    "The code of a group's link"},
                   invite_code),
      telling_code({"POST", path + "/invite-code/revoke", "revokeInviteCode", kGroupTag, Scope::send,
                    Whose::one, "Another code; the one before is good no more"},
                   reset_code),
      operation<OfGroup>({"GET", requests, "getJoinRequests", kGroupTag, Scope::read, Whose::one,
                          "Who asks to come into a group"},
                         join_requests)
          .gives(200, "Those who wait for an admin.", json_list<JoinRequestShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<Decision>({"POST", requests + "/approve", "approveJoinRequests", kGroupTag, Scope::send,
                           Whose::one, "Lets them in"},
                          decide<true>)
          .gives(201, "What became of each of them.", json_list<DecidedShape>())
          .fails({404, 422, 429, 502, 504}),
      operation<Decision>({"POST", requests + "/reject", "rejectJoinRequests", kGroupTag, Scope::send,
                           Whose::one, "Does not let them in"},
                          decide<false>)
          .gives(201, "What became of each of them.", json_list<DecidedShape>())
          .fails({404, 422, 429, 502, 504}),
  };
  add_setting<AdminsOnly, kInfo>(rows, "info-admin-only", "InfoAdminOnly",
                                 "Whether only admins change subject, description and picture");
  add_setting<AdminsOnly, kMessages>(rows, "messages-admin-only", "MessagesAdminOnly",
                                     "Whether only admins write");
  add_setting<MembersAdd, kAdding>(rows, "member-add-mode", "MemberAddMode",
                                   "Whether all members add people");
  add_setting<Approval, kApproving>(rows, "membership-approval", "MembershipApproval",
                                    "Whether admins approve who joins");
  return rows;
}

}  // namespace pigeond::api::waha
