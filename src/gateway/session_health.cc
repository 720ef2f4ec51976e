// What a session does about sends that fail: it judges them (health.h), keeps the record (health_log.h), and
// takes the steps that need more than the engine.
#include <utility>

#include "base/log.h"
#include "gateway/session.h"

namespace pigeond::gateway {

bool Session::backing_off() const {
  return back_off_until_ && now().mono < *back_off_until_;
}

// What an engine that is being ended still tells says nothing about the next one.
bool Session::judged() const {
  return engine_ && !ending_ && !given_up_;
}

bool Session::healing() const {
  return ladder_.restart_planned() || backing_off();
}

std::optional<Error> Session::why() const {
  return given_up_ || healing() ? trouble_ : cause_;
}

SessionHealth Session::health(bool with_steps) {
  SessionHealth out;
  out.state = given_up_                            ? "failed"
              : ladder_.restart_planned()          ? "restarting"
              : backing_off()                      ? "backing_off"
              : status() == SessionStatus::working ? "ok"
                                                   : "unable";
  out.since = health_since_;
  out.last_success = health_log_.last_success();
  out.failures = health_log_.failures();
  if (backing_off()) out.retry_after = *back_off_until_ - now().mono;
  if (with_steps) out.steps = health_log_.steps();
  return out;
}

// Of a chat that is known by its LID first and by its number later, or the other way, nothing is forgotten.
std::string Session::health_name(const Forms& chat) {
  if (!chat.pn.empty() && !chat.lid.empty()) ladder_.are_one(chat.lid.text(), chat.pn.text());
  return chat.shown.text();
}

void Session::handle(engine::SendTrouble& trouble) {
  const Instant at = now();
  const std::string chat = health_name(forms_of(trouble.chat.without_device()));
  health_log_.troubled(at, trouble);
  if (!judged()) return;
  ladder_.troubled(at.mono, chat);
  if (trouble.step == engine::HealingStep::pause) {
    back_off_until_ = at.mono + trouble.delay;
    trouble_ = trouble.error;
    trouble_->retry_after = trouble.delay;
  }
  if (trouble.step == engine::HealingStep::hold)
    follow(ladder_.held(at.mono, chat, trouble.id), &trouble.error);
}

void Session::judge(const engine::SendDone& done, const Forms& chat) {
  const Error* error = done.ack ? nullptr : &done.ack.error();
  if (error != nullptr) {
    log::warning("send failed", {{"session", name_},
                                 {"id", done.id},
                                 {"cause", std::string(cause_name(error->cause))},
                                 {"code", std::to_string(error->code)}});
  }
  const Instant at = now();
  health_log_.ended(at, done);
  if (!judged()) return;
  follow(ladder_.ended(at.mono, health_name(chat), done.id, error), error);
}

void Session::follow(const SendHealth::Verdict& verdict, const Error* why) {
  if (verdict.called_off) {
    loop().cancel(std::exchange(heal_timer_, 0));
    health_log_.restart_called_off();
    log::notice("restart called off", {{"session", name_}, {"why", "a send succeeded"}});
  }
  using What = SendHealth::Verdict::What;
  if (why != nullptr && verdict.what != What::nothing) trouble_ = *why;
  for (const auto& id : verdict.ends) engine_->end_held(now(), id);
  if (verdict.what == What::restart) plan_restart(verdict.delay);
  if (verdict.what == What::give_up) give_up();
}

// Until then the link stays: messages come in, and a success in another chat shows that the session is well.
void Session::plan_restart(Millis delay) {
  health_log_.restart_planned(now(), *trouble_);
  log::warning("restarting session", {{"session", name_},
                                      {"why", "sends fail"},
                                      {"cause", std::string(cause_name(trouble_->cause))},
                                      {"code", std::to_string(trouble_->code)},
                                      {"restart", std::to_string(ladder_.restarts())},
                                      {"delay_ms", std::to_string(delay)}});
  heal_timer_ = loop().after(delay, [this] {
    heal_timer_ = 0;
    ladder_.restarted();
    health_log_.restarted();
    cause_ = trouble_;
    end_engine(After::start);
  });
}

void Session::give_up() {
  health_log_.given_up(now(), *trouble_);
  log::error("session given up", {{"session", name_},
                                  {"why", "sends still fail after restarts"},
                                  {"cause", std::string(cause_name(trouble_->cause))},
                                  {"code", std::to_string(trouble_->code)}});
  given_up_ = true;
  engine_->end_troubled(now());
  end_engine(After::rest);
}

// A person or the engine itself has decided otherwise.
void Session::forget_health() {
  loop().cancel(std::exchange(heal_timer_, 0));
  ladder_.reset();
  back_off_until_.reset();
  trouble_.reset();
}

}  // namespace pigeond::gateway
