#include "api/waha/groups/calls.h"

#include <optional>

#include "api/waha/failures.h"
#include "api/waha/ids.h"

namespace pigeond::api::waha {
namespace {

std::optional<wire::Jid> group(std::string_view text) {
  auto jid = parse_chat_id(text.find('@') == std::string_view::npos ? std::string(text) + "@g.us" : text);
  return jid && jid->is_group() && !jid->user.empty() ? jid : std::nullopt;
}

}  // namespace

const schema::Format<wire::Jid> kGroupId{"the id of a group, which ends in @g.us", "120363043968066561@g.us",
                                         group};

// The gateway itself has no number to tell with not_found: that is a session's.
net::HttpReply group_failure(const Call& call, const std::string& session, const Error& error) {
  const bool told = error.code != 0;
  if (told && error.cause == Cause::not_found) return failure_reply(error);
  if (told && error.cause == Cause::bad_input) return failure_reply(fail(error.cause, error.detail));
  if (told && error.cause == Cause::forbidden)
    return failure_reply(error, {{"hint", "ask an admin of the group"}});
  return session_failure(call.gateway, session, error, "WORKING");
}

}  // namespace pigeond::api::waha
