#include "engine/messages/out/healing.h"

#include <algorithm>

namespace pigeond::engine {
namespace {

constexpr int kWaits = 4;
constexpr Millis kFirstWait = 1 * kSecond;
constexpr Millis kFirstPause = 10 * kSecond;
constexpr Millis kLongestPause = 10 * kMinute;

// `first`, doubled each time, a fifth up or down.
Millis growing(Millis first, int times, Millis most, Random& random) {
  const Millis delay = std::min(first << std::min(times, 16), most);
  const Millis fifth = delay / 5;
  return delay - fifth + static_cast<Millis>(random.below(static_cast<std::uint64_t>(2 * fifth + 1)));
}

// A 400 may mean no more than that the account or the recipient takes the other form: that is tried before
// keys are thrown away (whatsapp-rust issue 941: a whole account was refused by LID, and heard by number).
HealingStep renewal(const SendCause& cause, const HealingTried& tried) {
  const bool form_first = cause.cause == Cause::bad_request;
  if (tried.renewals == 0 && !(form_first && tried.other_form_is)) return HealingStep::renew_chat;
  if (tried.other_form_is) return HealingStep::other_form;
  return cause.suspicion == Suspicion::one_chat ? HealingStep::hold : HealingStep::end;
}

}  // namespace

std::string_view healing_step_name(HealingStep step) {
  switch (step) {
    case HealingStep::end:
      return "end";
    case HealingStep::renew_chat:
      return "renew_chat";
    case HealingStep::other_form:
      return "other_form";
    case HealingStep::present_token:
      return "present_token";
    case HealingStep::ping:
      return "ping";
    case HealingStep::reconnect:
      return "reconnect";
    case HealingStep::later:
      return "retry";
    case HealingStep::pause:
      return "back_off";
    case HealingStep::hold:
      return "hold";
  }
  return "end";
}

HealingPlan plan_healing(const Error& refusal, const HealingTried& tried, Random& random) {
  const SendCause& cause = send_cause_of(refusal);
  switch (cause.remedy) {
    case Remedy::none:
    case Remedy::present_token:  // trust.h decides
      return {HealingStep::end, 0};
    case Remedy::renew_chat:
      return {renewal(cause, tried), 0};
    case Remedy::wait:
      if (tried.waits >= kWaits) return {HealingStep::hold, 0};
      return {HealingStep::later, growing(kFirstWait, tried.waits, kLongestPause, random)};
    case Remedy::back_off:
      return {HealingStep::pause, growing(kFirstPause, tried.pauses, kLongestPause, random)};
    case Remedy::reconnect:
      if (tried.unanswered <= 1) return {HealingStep::ping, 0};
      return {tried.unanswered == 2 ? HealingStep::reconnect : HealingStep::hold, 0};
    case Remedy::restart:
      return {HealingStep::hold, 0};
  }
  return {HealingStep::end, 0};
}

}  // namespace pigeond::engine
