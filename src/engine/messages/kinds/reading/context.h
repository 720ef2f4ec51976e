// The contextInfo of a kind's part: where it lies, and what stands in it beside quote and mentions.
#pragma once

#include <memory>
#include <optional>

#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {

// It lies in the message, or was decoded from a part that is kept as bytes. Lives no longer than the message.
class ContextRead {
 public:
  ContextRead() = default;
  explicit ContextRead(const wa_ContextInfo* there) : there_(there) {}
  explicit ContextRead(std::unique_ptr<wa_ContextInfo> own) : own_(std::move(own)), there_(own_.get()) {}
  explicit operator bool() const { return there_ != nullptr; }
  const wa_ContextInfo* operator->() const { return there_; }
  const wa_ContextInfo& operator*() const { return *there_; }

 private:
  std::unique_ptr<wa_ContextInfo> own_;
  const wa_ContextInfo* there_ = nullptr;
};
ContextRead read_context(const Kind& kind, const wa_Message& message);

wa_ContextInfo take_context(const Kind& kind, wa_Message& message);  // it is not there any more
// Instead of what is there; false: this message has no place for it.
bool put_context(const Kind& kind, wa_Message& message, wa_ContextInfo context);
void drop_context(const Kind& kind, wa_Message& message);

Timer timer_in(const wa_ContextInfo& context);
void put_timer(const Timer& timer, wa_ContextInfo& context);  // of no seconds: nothing

// nullopt: it names no advertisement. Other clients make cards for links of the same part.
std::optional<Referral> referral_in(const wa_ContextInfo& context);

}  // namespace pigeond::engine
