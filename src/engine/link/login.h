// From <success> to online, in whatsmeow's order: clock and LID, pre-keys, <active/>.
#pragma once

#include <functional>

#include "engine/account/pre_keys.h"
#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

class Login {
 public:
  Login(Context& context, Stanzas& stanzas, PreKeys& pre_keys)
      : context_(context), stanzas_(stanzas), pre_keys_(pre_keys) {}

  // `done` comes at most once: the account is active, or the error that ends this link.
  void success(const wire::Node& node, std::function<void(Status)> done);
  void link_down() { done_ = nullptr; }

 private:
  void activate();
  void finish(const Status& status);

  Context& context_;
  Stanzas& stanzas_;
  PreKeys& pre_keys_;
  std::function<void(Status)> done_;
};

// Tells the server that this run of the client goes on: a number that is the same for all clients within its
// week. Telemetry that current clients send after linking and at login.
wire::Node unified_session(const Context& context);

}  // namespace pigeond::engine
