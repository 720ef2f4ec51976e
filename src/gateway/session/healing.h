// What a session does about sends that fail: it judges them (health.h), keeps the record (health_log.h), and
// asks for the steps that need more than the engine.
#pragma once

#include <functional>
#include <optional>

#include "gateway/session/account.h"
#include "gateway/session/forms.h"
#include "gateway/session/health.h"
#include "gateway/session/health_log.h"

namespace pigeond::gateway {

class Healing {
 public:
  struct Wants {
    std::function<void(const Error&)> restart;  // another login, with the credentials kept
    std::function<void()> give_up;              // the restarts are used up
  };

  Healing(Account& account, int restarts, Wants wants);

  void troubled(const engine::SendTrouble& trouble);
  void ended(const engine::SendDone& done, const Forms& chat);
  void forget();       // a person or the engine itself has decided otherwise
  void rolled_back();  // what was written since the last commit is not there

  bool heals() const { return ladder_.restart_planned() || backing_off(); }  // it can't be said to work
  const std::optional<Error>& trouble() const {
    return trouble_;
  }  // that is being healed, or was given up for
  std::optional<NextStep> next() const;
  // Without its steps, its webhooks and retry_after. `since`, wall: of the status.
  SessionHealth health(Millis since) const;
  Millis back_off_until() const { return backing_off() ? *back_off_until_ : 0; }  // mono; 0: goes on
  const HealthLog& log() const { return log_; }
  void load() { log_.load(); }

 private:
  bool judged() const { return account_.engine() != nullptr && !given_up_; }
  bool backing_off() const { return back_off_until_ && account_.now().mono < *back_off_until_; }
  std::string name_of(const Forms& chat);
  void follow(const SendHealth::Verdict& verdict, const Error* why);
  void plan_restart(Millis delay);
  void give_up();
  Millis wall_of(Millis mono) const { return account_.now().wall + mono - account_.now().mono; }

  Account& account_;
  Wants wants_;
  SendHealth ladder_;
  HealthLog log_;
  std::optional<Error> trouble_;
  std::optional<Millis> back_off_until_;  // mono
  bool given_up_ = false;
  Alarm restart_;
  Alarm back_off_end_;  // the session works again, and says so
};

}  // namespace pigeond::gateway
