// The account's own profile: what it shows others, and who may see and do what.
#include <algorithm>

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "engine/questions/own/disappearing_mode.h"
#include "engine/questions/own/privacy_settings.h"
#include "engine/questions/own/profile.h"
#include "engine/questions/picture.h"

namespace pigeond::api::waha {
namespace {

using engine::PrivacySettings;
using net::HttpReply;

constexpr const char* kTag = "Profile";

struct Profile {
  gateway::Me me;
  std::string picture;
};
struct ProfileShape {
  using Of = Profile;
  static constexpr const char* kName = "MyProfile";
  static void describe(schema::Output<Of>& shows) {
    shows("id", [](const Of& profile) { return chat_id(profile.me.pn); });
    shows("lid", [](const Of& profile) { return schema::text_if(chat_id(profile.me.lid)); }).or_null();
    shows("picture", [](const Of& profile) { return schema::text_if(profile.picture); }).or_null();
    shows("name", [](const Of& profile) { return profile.me.push_name; });
  }
};

HttpReply show(const Call& call, const OfSession& in) {
  const auto info = call.gateway.session(in.session);
  if (!info || !info->me)
    return session_failure(call.gateway, in.session,
                           info ? fail(Cause::not_linked, "no profile found") : info.error(), "WORKING");
  const wire::Jid own = info->me->pn.without_device();
  const auto picture = call.gateway.ask_once<engine::Picture>(
      in.session, own.text(),
      [own](engine::Desk& desk, auto answered) { ask_picture(desk, own, std::move(answered)); });
  if (!picture) return session_failure(call.gateway, in.session, picture.error(), "WORKING");
  return reply<ProfileShape>(200, {*info->me, picture->url});
}

constexpr std::size_t kName = 25;    // characters, as WhatsApp's own clients allow
constexpr std::size_t kAbout = 139;  // the same

struct SetName {
  std::string session = "default";
  std::string name;
  static constexpr const char* kName = "ProfileNameRequest";
  static void describe(schema::Input<SetName>& is) {
    is.session(&SetName::session, kSession);
    is("name", &SetName::name).required().length(1, waha::kName);
  }
};

struct SetAbout {
  std::string session = "default";
  std::string status;
  static constexpr const char* kName = "ProfileStatusRequest";
  static void describe(schema::Input<SetAbout>& is) {
    is.session(&SetAbout::session, kSession);
    is("status", &SetAbout::status)
        .required()
        .may_be_empty()
        .length(0, kAbout)
        .help("The text under the name (\"about\"); empty: none.");
  }
};

HttpReply done(const Call& call, const std::string& session, const Result<bool>& answer) {
  if (!answer) return session_failure(call.gateway, session, answer.error(), "WORKING");
  return reply<DoneShape>(200, true);
}

HttpReply set_name(const Call& call, const SetName& in) {
  return done(call, in.session,
              call.gateway.ask<bool>(in.session, [name = in.name](engine::Desk& desk, auto answered) {
                set_own_name(desk, name, std::move(answered));
              }));
}

HttpReply set_about(const Call& call, const SetAbout& in) {
  return done(call, in.session,
              call.gateway.ask<bool>(in.session, [text = in.status](engine::Desk& desk, auto answered) {
                set_own_about(desk, text, std::move(answered));
              }));
}

// --- privacy ---

// How a setting is called here and in the service, and the values that a program may give it. A list of
// people who are excepted is kept in the phone: such a value is shown, and not set here.
struct Setting {
  const char* name;
  const char* wire;
  std::vector<std::string> values;
};
const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      {"lastSeen", "last", {"all", "contacts", "none"}},
      {"online", "online", {"all", "match_last_seen"}},
      {"profilePicture", "profile", {"all", "contacts", "none"}},
      {"about", "status", {"all", "contacts", "none"}},
      {"readReceipts", "readreceipts", {"all", "none"}},
      {"groups", "groupadd", {"all", "contacts"}},
      {"calls", "calladd", {"all", "known"}},
      {"messages", "messages", {"all", "contacts"}},
  };
  return all;
}

std::string values_of(const Setting& setting) {
  std::string out;
  for (const auto& value : setting.values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

struct PrivacyShape {
  using Of = PrivacySettings;
  static constexpr const char* kName = "PrivacySettings";
  static void describe(schema::Output<Of>& shows) {
    for (const Setting& setting : settings())
      shows(setting.name,
            [wire = setting.wire](const Of& all) {
              const auto found = all.find(wire);
              return found == all.end() ? std::nullopt : std::optional(found->second);
            })
          .or_null()
          .help("As WhatsApp calls the values: " + values_of(setting) +
                ", and others. null: WhatsApp did not say.");
  }
};

HttpReply privacy_reply(const Call& call, const std::string& session, const Result<PrivacySettings>& found) {
  if (!found) return session_failure(call.gateway, session, found.error(), "WORKING");
  return reply<PrivacyShape>(200, *found);
}

HttpReply show_privacy(const Call& call, const OfSession& in) {
  return privacy_reply(
      call, in.session,
      call.gateway.ask_once<PrivacySettings>(in.session, "", [](engine::Desk& desk, auto answered) {
        ask_privacy_settings(desk, std::move(answered));
      }));
}

struct SetPrivacy {
  std::string session = "default";
  std::string last_seen, online, picture, about, reads, groups, calls, messages;
  static constexpr const char* kName = "PrivacySettingsRequest";
  static void describe(schema::Input<SetPrivacy>& is) {
    is.session(&SetPrivacy::session, kSession);
    const auto members = all_members();
    for (std::size_t i = 0; i < members.size(); ++i)
      is(settings()[i].name, members[i]).help(values_of(settings()[i]) + ".");
  }
  static std::vector<std::string SetPrivacy::*> all_members() {
    return {&SetPrivacy::last_seen, &SetPrivacy::online, &SetPrivacy::picture, &SetPrivacy::about,
            &SetPrivacy::reads,     &SetPrivacy::groups, &SetPrivacy::calls,   &SetPrivacy::messages};
  }
};

HttpReply set_privacy_settings(const Call& call, const SetPrivacy& in) {
  std::vector<std::pair<std::string, std::string>> wanted;
  const auto members = SetPrivacy::all_members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string& value = in.*members[i];
    const Setting& setting = settings()[i];
    if (value.empty()) continue;
    if (std::ranges::find(setting.values, value) == setting.values.end())
      return failure_reply(
          fail(Cause::bad_input, std::string(setting.name) + " must be one of " + values_of(setting)));
    wanted.emplace_back(setting.wire, value);
  }
  if (wanted.empty()) return failure_reply(fail(Cause::bad_input, "one setting at least must be given"));
  return privacy_reply(
      call, in.session,
      call.gateway.ask<PrivacySettings>(in.session, [wanted](engine::Desk& desk, auto answered) {
        set_privacy(desk, wanted, std::move(answered));
      }));
}

// --- disappearing messages ---

struct ModeShape {
  using Of = engine::DisappearingMode;
  static constexpr const char* kName = "DisappearingMode";
  static void describe(schema::Output<Of>& shows) {
    shows("duration", [](const Of& mode) { return mode.seconds; }).help("Seconds; 0: messages stay.");
    shows("since", [](const Of& mode) { return schema::positive(mode.since); })
        .or_null()
        .help("Unix seconds.");
  }
};

struct SetMode {
  std::string session = "default";
  std::optional<std::int64_t> duration;
  static constexpr const char* kName = "DisappearingModeRequest";
  static void describe(schema::Input<SetMode>& is) {
    is.session(&SetMode::session, kSession);
    is("duration", &SetMode::duration)
        .required()
        .help("Seconds: 0, 86400 (a day), 604800 (a week) or 7776000 (90 days). Of chats that begin later.");
  }
};

HttpReply show_mode(const Call& call, const OfSession& in) {
  const auto mode = call.gateway.ask_once<engine::DisappearingMode>(
      in.session, "",
      [](engine::Desk& desk, auto answered) { ask_disappearing_mode(desk, std::move(answered)); });
  if (!mode) return session_failure(call.gateway, in.session, mode.error(), "WORKING");
  return reply<ModeShape>(200, *mode);
}

HttpReply set_mode(const Call& call, const SetMode& in) {
  const std::int64_t seconds = in.duration.value_or(0);
  if (seconds != 0 && seconds != 86400 && seconds != 604800 && seconds != 7776000)
    return failure_reply(fail(Cause::bad_input, "duration must be 0, 86400, 604800 or 7776000"));
  return done(call, in.session,
              call.gateway.ask<bool>(in.session, [seconds](engine::Desk& desk, auto answered) {
                set_disappearing_mode(desk, seconds, std::move(answered));
              }));
}

}  // namespace

Operations profile_operations() {
  const std::string path = "/api/{session}/profile";
  return {
      operation<OfSession>(
          {"GET", path, "getMyProfile", kTag, Scope::read, Whose::one, "What the account shows of itself"},
          show)
          .gives(200, "Its name is the one that others are shown with its messages.", json<ProfileShape>())
          .fails({422, 429, 502, 504}),
      operation<SetName>({"PUT", path + "/name", "setProfileName", kTag, Scope::control, Whose::one,
                          "The name that others are shown with its messages"},
                         set_name)
          .gives(200,
                 "WhatsApp has been told. The account's phone shows its former name in its settings, and may "
                 "bring that back.",
                 json<DoneShape>())
          .fails({422, 429, 502, 504}),
      operation<SetAbout>({"PUT", path + "/status", "setProfileStatus", kTag, Scope::control, Whose::one,
                           "The text under the name"},
                          set_about)
          .gives(200, "WhatsApp has taken it.", json<DoneShape>())
          .fails({422, 429, 502, 504}),
      operation<OfSession>({"GET", path + "/privacy", "getPrivacySettings", kTag, Scope::read, Whose::one,
                            "Who may see and do what"},
                           show_privacy)
          .gives(200, "What WhatsApp says.", json<PrivacyShape>())
          .fails({422, 429, 502, 504}),
      operation<SetPrivacy>({"PUT", path + "/privacy", "setPrivacySettings", kTag, Scope::control, Whose::one,
                             "Sets some of it, one after the other"},
                            set_privacy_settings)
          .gives(200, "What all of it is then.", json<PrivacyShape>())
          .fails({422, 429, 502, 504}),
      operation<OfSession>({"GET", path + "/disappearing-mode", "getDisappearingMode", kTag, Scope::read,
                            Whose::one, "How long messages last in chats that begin from now on"},
                           show_mode)
          .gives(200, "What WhatsApp says.", json<ModeShape>())
          .fails({422, 429, 502, 504}),
      operation<SetMode>({"PUT", path + "/disappearing-mode", "setDisappearingMode", kTag, Scope::control,
                          Whose::one, "Sets that"},
                         set_mode)
          .gives(200, "WhatsApp has taken it.", json<DoneShape>())
          .fails({422, 429, 502, 504}),
  };
}

}  // namespace pigeond::api::waha
