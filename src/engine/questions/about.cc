#include "engine/questions/about.h"

#include <utility>

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

// <user jid><status t>TEXT</status></user>; a status with code=401 is hidden, one without content says
// nothing, as Baileys reads them (USyncStatusProtocol).
Result<About> read_about(const wire::Node& answer) {
  const auto* user = answer.path({"usync", "list", "user"});
  if (user == nullptr) return fail(Cause::malformed, "an answer about nobody");
  const auto* status = user->child("status");
  if (status == nullptr) return fail(Cause::not_on_whatsapp, "nobody of this id is on WhatsApp");
  About about;
  const std::string text = status->text();
  if (!text.empty() && is_valid_utf8(text) && !status->has("code")) about.text = text;
  return about;
}

}  // namespace

void ask_about(Desk& desk, const wire::Jid& user, Answered<About> answered) {
  wire::Node query =
      usync_query(desk.stanzas.next_id(), "interactive", {"status"}, {desk.dialled.account(user)});
  desk.query(std::move(query), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    answered(answer ? read_about(*answer) : Result<About>(answer.error()));
  });
}

}  // namespace pigeond::engine
