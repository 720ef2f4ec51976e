#include "engine/messages/out/acks.h"

#include <algorithm>

#include "engine/messages/out/send_causes.h"

namespace pigeond::engine {

AckVerdict classify_ack(const wire::Node& ack, const std::string& our_phash) {
  AckVerdict verdict;
  verdict.timestamp = static_cast<std::int64_t>(ack.number("t").value_or(0));
  verdict.stale_mapping = ack.is("refresh_lid", "true");
  const std::string phash = ack.attr("phash");
  verdict.stale_devices = !phash.empty() && phash != our_phash;
  if (!ack.has("error")) return verdict;
  const int code = static_cast<int>(std::min<std::uint64_t>(ack.number("error").value_or(0), 9999));
  verdict.error = refused_with(code);
  if (send_cause_of(code).remedy == Remedy::renew_chat) verdict.stale_devices = verdict.stale_mapping = true;
  return verdict;
}

}  // namespace pigeond::engine
