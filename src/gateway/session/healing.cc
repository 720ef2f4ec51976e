#include "gateway/session/healing.h"

#include <utility>

#include "base/log.h"

namespace pigeond::gateway {

Healing::Healing(Account& account, int restarts, Wants wants)
    : account_(account),
      wants_(std::move(wants)),
      ladder_(account.random(), restarts),
      log_(account.database(), account.id()),
      restart_(account),
      back_off_end_(account) {}

std::optional<NextStep> Healing::next() const {
  if (ladder_.restart_planned()) return NextStep{"restart", wall_of(restart_.at())};
  if (backing_off()) return NextStep{"send", wall_of(*back_off_until_)};
  return std::nullopt;
}

SessionHealth Healing::health(Millis since) const {
  SessionHealth out;
  out.state = given_up_                                     ? "failed"
              : ladder_.restart_planned()                   ? "restarting"
              : backing_off()                               ? "backing_off"
              : account_.status() == SessionStatus::working ? "ok"
                                                            : "unable";
  out.since = since;
  out.last_success = log_.last_success();
  out.failures = log_.failures();
  return out;
}

// Of a chat that is known by its LID first and by its number later, or the other way, nothing is forgotten.
std::string Healing::name_of(const Forms& chat) {
  if (!chat.pn.empty() && !chat.lid.empty()) ladder_.are_one(chat.lid.text(), chat.pn.text());
  return chat.shown.text();
}

void Healing::troubled(const engine::SendTrouble& trouble) {
  const Instant at = account_.now();
  const std::string chat =
      name_of(forms_of(account_.database(), account_.id(), trouble.chat.without_device()));
  log_.troubled(at, trouble);
  if (!judged()) return;  // what an engine that is being ended still tells says nothing about the next one
  ladder_.troubled(at.mono, chat);
  if (trouble.step == engine::HealingStep::pause) {
    back_off_until_ = at.mono + trouble.delay;
    back_off_end_.set_at(*back_off_until_, [] {});
    trouble_ = trouble.error;
    trouble_->retry_after = trouble.delay;
  }
  if (trouble.step == engine::HealingStep::hold)
    follow(ladder_.held(at.mono, chat, trouble.id), &trouble.error);
}

void Healing::ended(const engine::SendDone& done, const Forms& chat) {
  const Error* error = done.ack ? nullptr : &done.ack.error();
  if (error != nullptr) {
    log::warning("send failed", {{"session", account_.name()},
                                 {"id", done.id},
                                 {"cause", std::string(cause_name(error->cause))},
                                 {"code", std::to_string(error->code)}});
  }
  const Instant at = account_.now();
  log_.ended(at, done);
  if (!judged()) return;
  follow(ladder_.ended(at.mono, name_of(chat), done.id, error), error);
}

void Healing::follow(const SendHealth::Verdict& verdict, const Error* why) {
  if (verdict.called_off) {
    restart_.stop();
    log_.restart_called_off();
    log::notice("restart called off", {{"session", account_.name()}, {"why", "a send succeeded"}});
  }
  using What = SendHealth::Verdict::What;
  if (why != nullptr && verdict.what != What::nothing) trouble_ = *why;
  for (const auto& id : verdict.ends) account_.engine()->end_held(account_.now(), id);
  if (verdict.what == What::restart) plan_restart(verdict.delay);
  if (verdict.what == What::give_up) give_up();
}

// Until then the link stays: messages come in, and a success in another chat shows that the session is well.
void Healing::plan_restart(Millis delay) {
  log_.restart_planned(account_.now(), *trouble_);
  log::warning("restarting session", {{"session", account_.name()},
                                      {"why", "sends fail"},
                                      {"cause", std::string(cause_name(trouble_->cause))},
                                      {"code", std::to_string(trouble_->code)},
                                      {"restart", std::to_string(ladder_.restarts())},
                                      {"delay_ms", std::to_string(delay)}});
  restart_.set(delay, [this] {
    ladder_.restarted();
    log_.restarted();
    wants_.restart(*trouble_);
  });
}

void Healing::give_up() {
  log_.given_up(account_.now(), *trouble_);
  log::error("session given up", {{"session", account_.name()},
                                  {"why", "sends still fail after restarts"},
                                  {"cause", std::string(cause_name(trouble_->cause))},
                                  {"code", std::to_string(trouble_->code)}});
  given_up_ = true;
  wants_.give_up();
}

void Healing::forget() {
  restart_.stop();
  ladder_.reset();
  back_off_until_.reset();
  back_off_end_.stop();
  trouble_.reset();
  given_up_ = false;
}

void Healing::rolled_back() {
  log_.rolled_back();
}

}  // namespace pigeond::gateway
