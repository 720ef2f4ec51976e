#include "engine/messages/trust/trust.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/utc_text.h"
#include "engine/messages/out/send_causes.h"

namespace pigeond::engine {

Bytes presented_token(const wire::Node& message) {
  for (const char* tag : {"tctoken", "cstoken"})
    if (const auto* token = message.child(tag)) return token->bytes();
  return {};
}

wire::Node with_token(const wire::Node& message, std::optional<wire::Node> token) {
  wire::Node renewed(message.tag, message.attributes);
  for (const auto& child : message.children())
    if (child.tag != "tctoken" && child.tag != "cstoken") renewed.add(child);
  if (token) renewed.add(std::move(*token));
  return renewed;
}

Error Trust::cause(int code) {
  Error why = refused_with(code);
  std::int64_t until = 0;  // unix seconds
  if (code == kCapped) {
    if (const auto capping = limits_.capping()) until = capping->cycle_end;
    if (until > 0) why.detail += ", which begins " + utc_text(until);
  } else if (const auto lock = limits_.lock()) {
    until = lock->ends;
    why.cause = Cause::reachout_locked;
    why.detail = "this account may start no new chats until " + utc_text(until) + " (" + lock->type + ")";
  }
  why.retry_after = std::max<Millis>(until - desk_.context.server_seconds(), 0) * kSecond;
  return why;
}

void Trust::refused(int code, const wire::Node& stanza, std::function<void(const Status&)> done) {
  if (code == kMissingToken && limits_.lock()) return done(cause(code));
  const std::uint64_t id = next_id_++;
  open_[id] = {code, stanza.jid("to").value_or(wire::Jid()), presented_token(stanza), std::move(done),
               desk_.context.now.mono + kPatience};
  if (code == kCapped) return limits_.refresh_capping([this, id] { give_up(id); });
  limits_.refresh_timelock([this, id] {
    if (limits_.lock()) return give_up(id);
    fetch_token(id);
  });
}

void Trust::fetch_token(std::uint64_t id) {
  const Case* open = find(id);
  if (open == nullptr) return;
  desk_.tokens.fetch(open->to, [this, id](const Status&) {
    const Case* still_open = find(id);
    if (still_open == nullptr) return;
    const auto token = desk_.tokens.node_for(still_open->to);
    const bool news = token && token->bytes() != still_open->presented;
    log::info("token_fetched", {{"session", desk_.context.session_name},
                                {"user", still_open->to.text()},
                                {"news", news ? "true" : "false"}});
    if (news) return close(id, Status());
    look_up_lid(id);
  });
}

// A contact whose account moved to a LID may be refused by number, whatever token is shown; no report says
// that the number helps where the LID was refused.
void Trust::look_up_lid(std::uint64_t id) {
  const wire::Jid to = find(id)->to;
  if (!to.is_pn()) return give_up(id);
  desk_.query(usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, {to}),
              [this, id, to](const Result<wire::Node>& answer) {
                if (answer)
                  for (const auto& user : parse_usync(*answer))
                    if (desk_.devices.learn(user)) desk_.ciphers.forget_user(user.jid);
                if (resolve(desk_, to).to == to) return give_up(id);
                close(id, Status());
              });
}

Trust::Case* Trust::find(std::uint64_t id) {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second;
}

void Trust::close(std::uint64_t id, const Status& status) {
  auto closed = open_.extract(id);
  if (!closed.empty()) closed.mapped().done(status);
}

void Trust::give_up(std::uint64_t id) {
  if (const Case* open = find(id)) close(id, cause(open->code));
}

void Trust::wake() {
  while (!open_.empty() && open_.begin()->second.deadline <= desk_.context.now.mono)
    give_up(open_.begin()->first);
}

std::optional<Millis> Trust::next_wake() const {
  if (open_.empty()) return std::nullopt;
  return open_.begin()->second.deadline;
}

}  // namespace pigeond::engine
