// Calls: who rings whom, and who declines. What a companion that takes no calls hears and says of them.
#pragma once

#include <deque>
#include <string>

#include "base/result.h"
#include "sandbox/messages/mailroom.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

// What is done about a call, by its caller.
struct CallAction {
  std::string by, to;
  std::string id = {};  // of a call that is there; empty: a new one
  bool video = false;
  std::string action = "offer";  // offer, offer_notice, terminate, accept or reject
  std::string reason = {};       // of terminate
};

struct CallRecord {
  std::string id, by, to;
  std::string state = "ringing";  // or "rejected", by `device`; or what its caller has said last
  DeviceRef device;
};

class Switchboard {
 public:
  Switchboard(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // The companions of `to` hear of it. The call's id; not_found.
  Result<std::string> act(const CallAction& action);
  // <call> of a device: <reject>, which its caller and its account's other devices hear of.
  void handle(const DeviceRef& from, const wire::Node& stanza);
  const std::deque<CallRecord>& calls() const { return calls_; }

 private:
  static constexpr std::size_t kKept = 1000;

  CallRecord* find(const std::string& id);
  wire::Node stanza_from(const Account& account, wire::Node action);

  World& world_;
  Mailroom& mailroom_;
  std::deque<CallRecord> calls_;
};

}  // namespace pigeond::sandbox
