#include "sandbox/messages/faults.h"

#include <array>
#include <utility>

namespace pigeond::sandbox {
namespace {

constexpr auto kNames = std::to_array<std::pair<FaultKind, std::string_view>>({
    {FaultKind::ack_error, "ack_error"},
    {FaultKind::token_required, "token_required"},
    {FaultKind::no_ack, "no_ack"},
    {FaultKind::drop, "drop"},
    {FaultKind::garbled, "garbled"},
    {FaultKind::unavailable, "unavailable"},
    {FaultKind::withheld, "withheld"},
    {FaultKind::unannounced, "unannounced"},
    {FaultKind::incapable, "incapable"},
    {FaultKind::resend_unanswered, "resend_unanswered"},
    {FaultKind::silence, "silence"},
    {FaultKind::stream_error, "stream_error"},
    {FaultKind::logout, "logout"},
    {FaultKind::forged_certificate, "forged_certificate"},
    {FaultKind::forged_account_signature, "forged_account_signature"},
    {FaultKind::media_gone, "media_gone"},
    {FaultKind::media_cut, "media_cut"},
    {FaultKind::media_wrong, "media_wrong"},
    {FaultKind::media_slow, "media_slow"},
    {FaultKind::media_refused, "media_refused"},
    {FaultKind::media_auth, "media_auth"},
    {FaultKind::forged_signed_pre_key, "forged_signed_pre_key"},
    {FaultKind::code_throttled, "code_throttled"},
    {FaultKind::code_finish_refused, "code_finish_refused"},
    {FaultKind::forged_device_identity, "forged_device_identity"},
});

bool fits(const Fault& fault, FaultKind kind, const DeviceRef* from, const std::string& to,
          std::optional<Form> form) {
  if (fault.kind != kind || (fault.form && fault.form != form)) return false;
  if (!fault.to.empty() && fault.to != to) return false;
  if (fault.account.empty() && !fault.device) return true;
  if (from == nullptr) return false;
  return (fault.account.empty() || fault.account == from->phone) &&
         (!fault.device || *fault.device == from->number);
}

}  // namespace

std::string_view fault_name(FaultKind kind) {
  for (const auto& [value, name] : kNames)
    if (value == kind) return name;
  return "unknown";
}

std::optional<FaultKind> parse_fault_kind(std::string_view name) {
  for (const auto& [kind, text] : kNames)
    if (text == name) return kind;
  return std::nullopt;
}

std::uint64_t Faults::add(Fault fault) {
  fault.id = next_id_++;
  faults_.push_back(std::move(fault));
  return faults_.back().id;
}

bool Faults::remove(std::uint64_t id) {
  return faults_.remove_if([id](const Fault& fault) { return fault.id == id; }) > 0;
}

template <typename Fits>
std::optional<Fault> Faults::strike_first(const Fits& fits) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!fits(*fault)) continue;
    Fault struck = *fault;
    if (fault->count && --*fault->count == 0) faults_.erase(fault);
    return struck;
  }
  return std::nullopt;
}

std::optional<Fault> Faults::strike(FaultKind kind, const DeviceRef* from, const std::string& to,
                                    std::optional<Form> form) {
  return strike_first([&](const Fault& fault) { return fits(fault, kind, from, to, form); });
}

std::optional<Fault> Faults::strike_media(FaultKind kind, const DeviceRef* owner, bool up) {
  const bool of_downloads =
      kind == FaultKind::media_gone || kind == FaultKind::media_cut || kind == FaultKind::media_wrong;
  return strike_first([&](const Fault& fault) {
    const bool way = fault.way.empty() ? !up || !of_downloads : fault.way == (up ? "up" : "down");
    return way && fits(fault, kind, owner, {}, std::nullopt);
  });
}

void Faults::reconnected(const DeviceRef& device) {
  faults_.remove_if([&device](const Fault& fault) {
    return fault.until_reconnect && (fault.account.empty() || fault.account == device.phone) &&
           (!fault.device || *fault.device == device.number);
  });
}

}  // namespace pigeond::sandbox
