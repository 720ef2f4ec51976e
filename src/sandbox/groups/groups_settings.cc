// GroupsOffice's part that is about what a group is called and what its members may do.
#include <algorithm>

#include "sandbox/accounts/key_server.h"
#include "sandbox/groups/group_nodes.h"
#include "sandbox/groups/groups_office.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kDescription = 2048;  // characters (whatsapp-rust's GROUP_DESCRIPTION_MAX_LENGTH)
// After which messages may vanish: a day, a week, 90 days.
constexpr std::uint64_t kTimers[] = {0, 86400, 604800, 7776000};

bool may_edit(const Group& group, const std::string& phone) {
  return !group.locked || group.is_admin(phone);
}

}  // namespace

wire::Node GroupsOffice::subject(const Request& request) {
  Group& group = request.group;
  if (!may_edit(group, request.phone)) return iq_error(request.iq, 403, "forbidden");
  const std::string text = request.asked.text();
  if (text.empty() || characters(text) > kSubject) return iq_error(request.iq, 406, "not-acceptable");
  group.subject = text;
  group.subject_at = world_.now.unix_seconds();
  group.subject_by = request.phone;
  wire::Node change("subject");
  change.set("subject", text).set("s_t", static_cast<std::uint64_t>(group.subject_at));
  change.set("s_o", world_.account(request.phone)->jid(group.addressing));
  return changed(request, std::move(change));
}

// `prev` names the description that is there: somebody else's, set meanwhile, would be lost (whatsapp-rust
// 0ab6237e).
wire::Node GroupsOffice::description(const Request& request) {
  Group& group = request.group;
  if (!may_edit(group, request.phone)) return iq_error(request.iq, 403, "forbidden");
  if (request.asked.attr("prev") != group.description_id) return iq_error(request.iq, 409, "conflict");
  const auto* body = request.asked.child("body");
  const bool remove = request.asked.is("delete", "true");
  const std::string text = body != nullptr ? body->text() : std::string();
  if (remove == (body != nullptr) || (!remove && !request.asked.has("id")))
    return iq_error(request.iq, 400, "bad-request");
  if (characters(text) > kDescription) return iq_error(request.iq, 406, "not-acceptable");
  group.description = text;
  group.description_id = remove ? std::string() : request.asked.attr("id");
  group.description_at = world_.now.unix_seconds();
  group.description_by = request.phone;
  wire::Node change("description");
  change.set("id", group.description_id);
  change.add(remove ? wire::Node("delete") : wire::Node("body").body(as_bytes(text)));
  return changed(request, std::move(change));
}

wire::Node GroupsOffice::setting(const Request& request) {
  Group& group = request.group;
  const std::string& tag = request.asked.tag;
  if (!group.is_admin(request.phone)) return iq_error(request.iq, 403, "forbidden");
  if (tag == "locked" || tag == "unlocked") group.locked = tag == "locked";
  if (tag == "announcement" || tag == "not_announcement") group.announce = tag == "announcement";
  if (tag == "member_add_mode") {
    const std::string mode = request.asked.text();
    if (mode != "admin_add" && mode != "all_member_add") return iq_error(request.iq, 400, "bad-request");
    group.admins_add = mode == "admin_add";
  }
  if (tag == "membership_approval_mode") {
    const auto* join = request.asked.child("group_join");
    if (join == nullptr) return iq_error(request.iq, 400, "bad-request");
    group.approval = join->is("state", "on");
  }
  return changed(request, request.asked);
}

wire::Node GroupsOffice::ephemeral(const Request& request) {
  Group& group = request.group;
  if (!may_edit(group, request.phone)) return iq_error(request.iq, 403, "forbidden");
  const bool off = request.asked.tag == "not_ephemeral";
  const auto seconds = off ? 0 : request.asked.number("expiration").value_or(1);
  if (std::find(std::begin(kTimers), std::end(kTimers), seconds) == std::end(kTimers))
    return iq_error(request.iq, 400, "bad-request");
  group.ephemeral = static_cast<std::int64_t>(seconds);
  wire::Node change(seconds == 0 ? "not_ephemeral" : "ephemeral");
  if (seconds != 0) change.set("expiration", seconds);
  return changed(request, std::move(change));
}

}  // namespace pigeond::sandbox
