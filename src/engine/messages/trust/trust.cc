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

void Trust::refused(int code, const wire::Node& stanza, const store::Distrust& tried,
                    std::function<void(const Result<Remedy>&)> done) {
  if (code == kMissingToken && limits_.lock()) return done(cause(code));
  const std::uint64_t id = next_id_++;
  open_[id] = {code,
               stanza.jid("to").value_or(wire::Jid()),
               presented_token(stanza),
               tried,
               std::move(done),
               desk_.context.now.mono + kPatience,
               false};
  if (code == kCapped) {
    limits_.refresh_capping([this, id](const Status& told) {
      if (told || told.cause() != Cause::link_lost) give_up(id);
    });
    return;
  }
  limits_.refresh_timelock([this, id](const Status& told) {
    if (!told && told.cause() == Cause::link_lost) return;
    if (limits_.lock()) return give_up(id);
    try_token(id);
  });
}

bool Trust::has_another_token(const Case& open) {
  const auto token = desk_.tokens.node_for(open.to);
  return token && token->bytes() != open.presented;
}

void Trust::try_token(std::uint64_t id) {
  const Case* open = find(id);
  if (open == nullptr) return;
  if (!open->tried.other_token && has_another_token(*open)) return close(id, Remedy::other_token);
  try_other_form(id);
}

void Trust::try_other_form(std::uint64_t id) {
  const Case& open = *find(id);
  if (open.tried.other_form) return await_token(id);
  if (other_form_of(desk_, open.to)) return close(id, Remedy::other_form);
  if (!open.to.is_pn()) return await_token(id);
  look_up_lid(id);
}

void Trust::look_up_lid(std::uint64_t id) {
  const wire::Jid to = find(id)->to;
  desk_.query(usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, {to}),
              [this, id, to](const Result<wire::Node>& answer) {
                if (!answer && answer.cause() == Cause::link_lost) return;
                if (answer) learn_users(desk_, *answer);
                if (find(id) == nullptr) return;
                if (other_form_of(desk_, to)) return close(id, Remedy::other_form);
                await_token(id);
              });
}

void Trust::await_token(std::uint64_t id) {
  Case& open = *find(id);
  const bool first = desk_.stanzas.online() && subscribed_.insert(desk_.lids.canonical(open.to)).second;
  if (!first || open.tried.awaited_token) return give_up(id);
  open.awaiting = true;
  open.deadline = desk_.context.now.mono + kTokenPatience;
  wire::Node presence("presence");
  presence.set("type", "subscribe").set("to", open.to);
  desk_.stanzas.send(presence);
}

void Trust::token_came() {
  std::vector<std::uint64_t> helped;
  for (const auto& [id, open] : open_)
    if (open.awaiting && has_another_token(open)) helped.push_back(id);
  for (const auto id : helped) close(id, Remedy::awaited_token);
}

Trust::Case* Trust::find(std::uint64_t id) {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second;
}

void Trust::close(std::uint64_t id, const Result<Remedy>& remedy) {
  auto closed = open_.extract(id);
  if (!closed.empty()) closed.mapped().done(remedy);
}

void Trust::give_up(std::uint64_t id) {
  if (const Case* open = find(id)) close(id, cause(open->code));
}

void Trust::offline() {
  subscribed_.clear();
  open_.clear();
}

void Trust::wake() {
  std::vector<std::uint64_t> late;
  for (const auto& [id, open] : open_)
    if (open.deadline <= desk_.context.now.mono) late.push_back(id);
  for (const auto id : late) give_up(id);
}

std::optional<Millis> Trust::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [id, open] : open_) next = next ? std::min(*next, open.deadline) : open.deadline;
  return next;
}

}  // namespace pigeond::engine
