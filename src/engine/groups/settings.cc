#include "engine/groups/settings.h"

#include <utility>

#include "engine/groups/refusals.h"
#include "engine/messages/desk.h"
#include "engine/messages/out/message_id.h"

namespace pigeond::engine {
namespace {

// Sends `child`, and takes over what it changes.
void set(Desk& desk, const wire::Jid& group, wire::Node child, GroupChange change, Answered<bool> answered) {
  change.kind = GroupChange::Kind::facts;
  desk.query(group_iq("set", group, std::move(child)),
             [&desk, group, change = std::move(change),
              answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(group_refusal(answer.error()));
               desk.groups.apply(group, change, desk.context.credentials.pn.without_device(),
                                 desk.context.server_seconds());
               answered(true);
             });
}

// <description id prev><body>…</body></description>, or <description prev delete="true"/>.
void send_description(Desk& desk, const wire::Jid& group, const std::string& text,
                      const std::string& previous, Answered<bool> answered) {
  GroupChange change;
  change.description = text;
  wire::Node description("description");
  if (text.empty()) {
    description.set("delete", "true");
  } else {
    change.description_id =
        make_message_id(desk.context.server_seconds(), desk.context.credentials.pn.user, desk.context.random);
    description.set("id", *change.description_id);
    description.add(wire::Node("body").body(as_bytes(text)));
  }
  description.set("prev", previous);
  set(desk, group, std::move(description), std::move(change), std::move(answered));
}

}  // namespace

void set_group_subject(Desk& desk, const wire::Jid& group, const std::string& subject,
                       Answered<bool> answered) {
  GroupChange change;
  change.subject = subject;
  set(desk, group, wire::Node("subject").body(as_bytes(subject)), std::move(change), std::move(answered));
}

void set_group_description(Desk& desk, const wire::Jid& group, const std::string& text,
                           Answered<bool> answered) {
  desk.groups.ask(group, [&desk, group, text,
                          answered = std::move(answered)](const Result<GroupDirectory::Known>& known) {
    if (!known) return answered(known.error());
    send_description(desk, group, text, (*known)->facts.description_id,
                     [&desk, group, text, answered](const Result<bool>& first) {
                       if (first || first.cause() != Cause::too_late) return answered(first);
                       desk.groups.refresh(
                           group, [&desk, group, text, answered](const Result<GroupDirectory::Known>& now) {
                             if (!now) return answered(now.error());
                             send_description(desk, group, text, (*now)->facts.description_id, answered);
                           });
                     });
  });
}

void set_group_setting(Desk& desk, const wire::Jid& group, GroupSetting setting, bool on,
                       Answered<bool> answered) {
  GroupChange change;
  wire::Node child;
  switch (setting) {
    case GroupSetting::announce:
      change.announce = on;
      child = wire::Node(on ? "announcement" : "not_announcement");
      break;
    case GroupSetting::locked:
      change.locked = on;
      child = wire::Node(on ? "locked" : "unlocked");
      break;
    case GroupSetting::admins_add:
      change.admins_add = on;
      child =
          wire::Node("member_add_mode").body(as_bytes(std::string_view(on ? "admin_add" : "all_member_add")));
      break;
    case GroupSetting::approval:
      change.approval = on;
      child = wire::Node("membership_approval_mode")
                  .add(wire::Node("group_join").set("state", on ? "on" : "off"));
      break;
  }
  set(desk, group, std::move(child), std::move(change), std::move(answered));
}

void set_group_timer(Desk& desk, const wire::Jid& group, std::int64_t seconds, Answered<bool> answered) {
  GroupChange change;
  change.ephemeral = seconds;
  wire::Node child(seconds == 0 ? "not_ephemeral" : "ephemeral");
  if (seconds != 0) child.set("expiration", static_cast<std::uint64_t>(seconds));
  set(desk, group, std::move(child), std::move(change), std::move(answered));
}

}  // namespace pigeond::engine
