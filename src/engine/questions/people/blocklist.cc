#include "engine/questions/people/blocklist.h"

#include <utility>

#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kBlocked = 20000;  // of one account
constexpr int kConflict = 409;

wire::Node request(const char* type) {
  wire::Node iq("iq");
  return iq.set("to", wire::service()).set("type", type).set("xmlns", "blocklist");
}

// <list dhash><item jid [pn_jid]/>…</list>, or the items without a list (whatsapp-rust
// wacore/src/iq/blocklist.rs).
std::vector<Blocked> read_list(Desk& desk, const wire::Node& answer) {
  const auto* list = answer.child("list");
  std::vector<Blocked> out;
  (list != nullptr ? *list : answer).each("item", [&](const wire::Node& item) {
    const auto jid = item.jid("jid");
    if (!jid || !jid->is_user() || out.size() >= kBlocked) return;
    desk.lids.learn(*jid, item.jid("pn_jid"), LidDirectory::Seen::in_passing);
    const Forms forms = forms_of(desk, jid->without_device());
    out.push_back({forms.shown, forms.pn, forms.lid});
  });
  return out;
}

// <item action="block" jid=LID pn_jid=PN/>, <item action="unblock" jid=LID/>: a number alone is refused
// (whatsmeow 8d023aa9, Baileys 8ca9316a). Somebody who has no number here, since he goes by a username, is
// named by his LID alone.
wire::Node item_of(Desk& desk, const wire::Jid& lid, bool blocked) {
  wire::Node item("item");
  item.set("action", blocked ? "block" : "unblock").set("jid", lid);
  const wire::Jid pn = desk.lids.pn(lid);
  if (blocked && !pn.empty()) item.set("pn_jid", pn);
  return item;
}

// Two devices that change the list at once meet: the service has refused the second, which says it again.
void change(Desk& desk, const wire::Jid& lid, bool blocked, bool again, Answered<bool> answered) {
  wire::Node iq = request("set");
  iq.add(item_of(desk, lid, blocked));
  desk.query(std::move(iq), [&desk, lid, blocked, again,
                             answered = std::move(answered)](const Result<wire::Node>& answer) mutable {
    const bool conflict =
        !answer && answer.error().cause == Cause::ack_error && answer.error().code == kConflict;
    if (conflict && !again) return change(desk, lid, blocked, true, std::move(answered));
    answered(answer ? Result<bool>(true) : Result<bool>(answer.error()));
  });
}

}  // namespace

void ask_blocklist(Desk& desk, Answered<std::vector<Blocked>> answered) {
  desk.query(request("get"), [&desk, answered = std::move(answered)](const Result<wire::Node>& answer) {
    if (!answer) return answered(answer.error());
    answered(read_list(desk, *answer));
  });
}

void set_blocked(Desk& desk, const wire::Jid& typed, bool blocked, Answered<bool> answered) {
  const wire::Jid user = desk.dialled.account(typed.without_device());
  if (desk.lids.is_own(user)) return answered(fail(Cause::bad_input, "contactId is the account itself"));
  if (const wire::Jid lid = desk.lids.lid(user); !lid.empty())
    return change(desk, lid, blocked, false, std::move(answered));
  wire::Node query = usync_query(desk.stanzas.next_id(), "interactive", {"lid"}, {user});
  desk.query(std::move(query), [&desk, user, blocked,
                                answered = std::move(answered)](const Result<wire::Node>& answer) mutable {
    if (!answer) return answered(answer.error());
    learn_users(desk, *answer);
    const wire::Jid lid = desk.lids.lid(user);
    if (lid.empty()) return answered(fail(Cause::not_on_whatsapp, "nobody of this number is on WhatsApp"));
    change(desk, lid, blocked, false, std::move(answered));
  });
}

}  // namespace pigeond::engine
