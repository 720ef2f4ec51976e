#include "engine/questions/own/disappearing_mode.h"

#include <utility>

#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::uint64_t kMost = 0xffff'ffff;  // seconds

// <user jid><disappearing_mode duration t/></user>
Result<DisappearingMode> read_mode(const wire::Node& answer) {
  const auto* mode = answer.path({"usync", "list", "user", "disappearing_mode"});
  if (mode == nullptr) return fail(Cause::malformed, "an answer without a timer");
  const auto duration = mode->number("duration").value_or(0), since = mode->number("t").value_or(0);
  if (duration > kMost || since > kMost) return fail(Cause::malformed, "a timer that is none");
  return DisappearingMode{static_cast<std::int64_t>(duration), static_cast<std::int64_t>(since)};
}

}  // namespace

// An account asks about itself by its number: by its LID the answer is not to be relied upon (whatsapp-rust
// src/client/device_registry.rs).
void ask_disappearing_mode(Desk& desk, Answered<DisappearingMode> answered) {
  wire::Node query = usync_query(desk.stanzas.next_id(), "interactive", {"disappearing_mode"},
                                 {desk.context.credentials.pn.without_device()});
  desk.query(std::move(query), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    answered(answer ? read_mode(*answer) : Result<DisappearingMode>(answer.error()));
  });
}

// <iq xmlns="disappearing_mode" type="set"><disappearing_mode duration/></iq>, as Baileys'
// updateDefaultDisappearingMode and whatsmeow's SetDefaultDisappearingTimer write it.
void set_disappearing_mode(Desk& desk, std::int64_t seconds, Answered<bool> answered) {
  wire::Node mode("disappearing_mode"), iq("iq");
  mode.set("duration", static_cast<std::uint64_t>(seconds));
  iq.set("to", wire::service()).set("type", "set").set("xmlns", "disappearing_mode").add(std::move(mode));
  desk.query(std::move(iq), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    answered(answer ? Result<bool>(true) : Result<bool>(answer.error()));
  });
}

}  // namespace pigeond::engine
