// What waited for this device at the service while it was away. The service announces it, sends a handful,
// and waits to be asked for the rest, batch by batch; new traffic follows only when all of it is through
// (whatsapp-rust src/client/offline_resume.rs, after the web client's WAWebOfflineHandler):
//
//   <- <ib><offline_preview count="1000" message="990" .../></ib>   and some five stanzas
//   -> <ib><offline_batch count="200"/></ib>
//   <- 200 stanzas with an attribute `offline`
//   -> <ib><offline_batch count="200"/></ib>                        100 ms after the first of each batch
//   ...
//   <- <ib><offline count="1000"/></ib>
//
// Sans-I/O: it only keeps the times.
#pragma once

#include <functional>
#include <optional>

#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

class Backlog {
 public:
  // `all_in` is called once after each login: the backlog is in, there was none, or it takes too long for
  // those who wait for it.
  Backlog(Context& context, Stanzas& stanzas, std::function<void()> all_in)
      : context_(context), stanzas_(stanzas), all_in_(std::move(all_in)) {}

  void online();  // the account is active; what waits comes now
  void link_down();
  void announced(const wire::Node& preview);  // <offline_preview/>
  void ended(const wire::Node& offline);      // <offline/>
  void received(const wire::Node& stanza);    // every one, when it has been handled
  void wake();
  std::optional<Millis> next_wake() const;  // mono

 private:
  void ask();
  void stop_asking();
  void tell();

  Context& context_;
  Stanzas& stanzas_;
  std::function<void()> all_in_;
  std::uint64_t expected_ = 0, seen_ = 0;  // stanzas
  bool asked_ = false;                     // and nothing of that batch has come yet
  std::optional<Millis> ask_at_;           // mono
  std::optional<Millis> silent_at_;        // mono; nothing more is expected then
  std::optional<Millis> tell_at_;          // mono; who waits is told, whatever is missing
  bool over_ = false;                      // <offline/> came
};

}  // namespace pigeond::engine
