#include "gateway/client_version/state.h"

#include "base/utc_text.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kSoon = 14 * kDay;

std::string remedy(ClientVersionState::Source source) {
  return source == ClientVersionState::Source::configured
             ? "take [whatsapp] version out of the configuration, or set a newer one"
             : "update pigeond, or see to it that [whatsapp] version_url can be reached";
}

}  // namespace

std::string warning_of(const ClientVersionState& state, bool judged, Millis wall) {
  const std::string version = "version " + state.version.text();
  if (state.expires != 0 && state.expires * kSecond - wall < kSoon)
    return "WhatsApp will refuse " + version + " from " + utc_text(state.expires) +
           " on: " + remedy(state.source);
  const Millis age = wall - state.version.appeared();
  if (judged && age > engine::kOldVersion)
    return version + " is about " + std::to_string(age / kDay) +
           " days old, and such are refused soon: " + remedy(state.source);
  return {};
}

std::string_view source_name(ClientVersionState::Source source) {
  switch (source) {
    case ClientVersionState::Source::built_in:
      return "built-in";
    case ClientVersionState::Source::learnt:
      return "learnt";
    case ClientVersionState::Source::configured:
      break;
  }
  return "configured";
}

}  // namespace pigeond::gateway
