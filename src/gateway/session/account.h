// What a session's rooms share: who it is, how it is doing, and the ways to the world around them.
//
// Everything runs on the loop thread. What comes from outside (calls, frames, timers) is kept until the
// session's turn in the tick: all that one session does in a tick is one part of the unit of work, which
// stands or falls alone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "gateway/events/event.h"
#include "gateway/history/turns.h"
#include "gateway/outside.h"
#include "gateway/reply.h"
#include "gateway/session/health.h"
#include "gateway/storage/retention.h"
#include "gateway/types.h"
#include "net/loop.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Session;

// What sessions share, and what they ask of the world around them.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual void touched(Session& session) = 0;  // it gets its turn in this tick
  // In a session's turn: what has happened now, which goes into the journal with its part of the tick.
  virtual void tell(Session& session, EventKind kind, EventPayload payload) = 0;
  // Once the tick is committed. In a session's turn `committed` is also an error when its part was rolled
  // back.
  virtual void after_commit(std::function<void(const Status& committed)> task) = 0;
  virtual bool storage_lost() const = 0;  // the database can't be used: no engine starts
  // In a session's turn: what the service says, or seems to mean, about the version of the client.
  virtual void version_doubted() = 0;
  virtual void version_wanted() = 0;  // a device is about to be linked
  virtual void expiry_told(const engine::ExpiryTold& expiry) = 0;

  // Answers a caller once what was done for it is safe, or with why it isn't.
  template <typename T>
  void answer(Reply<T> reply, Result<T> result) {
    after_commit([reply = std::move(reply), result = std::move(result)](const Status& committed) {
      reply(committed ? result : Result<T>(committed.error()));
    });
  }
};

struct SessionEnvironment {
  net::Loop& loop;
  Outside& outside;
  store::Database& database;
  Random& random;
  const engine::ClientProfile& profile;
  SessionHost& host;
  Retention& retention;
  HistoryTurns& history_turns;
  int restarts = SendHealth::kRestarts;  // within an hour, of a session whose sends fail
};

class Account {
 public:
  Account(const SessionEnvironment& environment, std::int64_t id, std::string name, SessionConfig config)
      : env_(environment),
        id_(id),
        name_(std::move(name)),
        config_(std::make_shared<const SessionConfig>(std::move(config))) {}
  virtual ~Account() = default;
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  std::int64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  const SessionConfig& config() const { return *config_; }
  store::Database& database() const { return env_.database; }
  Random& random() const { return env_.random; }
  net::Loop& loop() const { return env_.loop; }
  Instant now() const { return env_.loop.now(); }
  SessionHost& host() const { return env_.host; }
  Retention& retention() const { return env_.retention; }

  // --- how it is doing, which the session knows ---
  virtual SessionStatus status() const = 0;
  virtual std::optional<Error> cause() const = 0;  // of a status that is not `working`
  virtual const std::string& asked() const = 0;    // SessionInfo::asked
  virtual std::optional<Me> me() const = 0;
  virtual std::size_t callers() const = 0;             // that wait for an answer, in all rooms
  virtual engine::Engine* engine() const = 0;          // that works for its account; nullptr: none does
  virtual engine::Engine& clerk() = 0;                 // what needs no link can be asked of it at any time
  virtual bool linked() const = 0;                     // there is an account, as far as is known
  virtual bool taking_leave() const = 0;               // its account is about to go
  virtual bool closing() const = 0;                    // the process ends
  virtual void later(std::function<void()> work) = 0;  // in the session's next turn

  template <typename T>
  void answer(Reply<T> reply, Result<T> result) const {
    env_.host.answer<T>(std::move(reply), std::move(result));
  }
  virtual void tell(EventKind kind, EventPayload payload) = 0;

 protected:
  SessionEnvironment env_;
  const std::int64_t id_;
  const std::string name_;
  std::shared_ptr<const SessionConfig> config_;  // as others show it, on other threads; never nullptr
};

// One time at which something is to be done in the session's turn. What was stopped or set anew meanwhile
// does not ring.
class Alarm {
 public:
  explicit Alarm(Account& account) : account_(account) {}
  ~Alarm() { stop(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set(Millis delay, std::function<void()> work) { set_at(account_.now().mono + delay, std::move(work)); }
  void set_at(Millis mono, std::function<void()> work);
  void stop();
  bool is_set() const { return set_; }
  Millis at() const { return at_; }  // mono

 private:
  Account& account_;
  net::Loop::TimerId timer_ = 0;
  std::uint64_t turn_ = 0;
  bool set_ = false;
  Millis at_ = 0;
};

}  // namespace pigeond::gateway
