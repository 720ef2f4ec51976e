#include "engine/messages/acks.h"

namespace pigeond::engine {
namespace {

constexpr int kBadRequest = 400;  // also: PN and LID devices mixed, or a stale mapping
constexpr int kDeviceGone = 406;
constexpr int kStaleGroupAddressing = 421;
constexpr int kRateLimited = 429;
constexpr int kSmaxInvalid = 479;  // the stanza failed validation; often a stale device session

}  // namespace

AckVerdict classify_ack(const wire::Node& ack, const std::string& our_phash) {
  AckVerdict verdict;
  verdict.timestamp = static_cast<std::int64_t>(ack.number("t").value_or(0));
  verdict.stale_mapping = ack.is("refresh_lid", "true");
  const std::string phash = ack.attr("phash");
  verdict.stale_devices = !phash.empty() && phash != our_phash;
  if (!ack.has("error")) return verdict;
  const int code = static_cast<int>(ack.number("error").value_or(0));
  verdict.error = fail(Cause::ack_error, "the service refused the message", code);
  switch (code) {
    case kBadRequest:
    case kStaleGroupAddressing:
    case kSmaxInvalid:
      verdict.stale_devices = true;
      verdict.stale_mapping = true;
      break;
    case kDeviceGone:
      verdict.stale_devices = true;
      break;
    case kRateLimited:
      verdict.error->cause = Cause::rate_limited;
      break;
    default:
      break;
  }
  return verdict;
}

}  // namespace pigeond::engine
