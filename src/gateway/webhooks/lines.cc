#include "gateway/webhooks/lines.h"

#include <string>

namespace pigeond::gateway {
namespace {

std::int64_t number_of(const std::string& address) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : address) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return static_cast<std::int64_t>((hash >> 2) | 1);  // above kSessionLine
}

template <typename Told>
WebhookLine line_of_chat(const Told& told) {
  const bool both = !told.chat_pn.empty() && !told.chat_lid.empty();
  const auto& first = !told.chat_pn.empty()    ? told.chat_pn
                      : !told.chat_lid.empty() ? told.chat_lid
                                               : told.chat;
  WebhookLine out;
  out.line = number_of(first.text());
  if (both) out.other = number_of(told.chat_lid.text());
  return out;
}

WebhookLine line_of(const StatusChange&) {
  return {};
}
WebhookLine line_of(const engine::MessageEvent& message) {
  return line_of_chat(message);
}
WebhookLine line_of(const engine::RawPartEvent& part) {
  return line_of_chat(part);
}

WebhookLine line_of(const engine::AboutEvent& about) {
  return line_of_chat(about.by);
}
WebhookLine line_of(const engine::AckEvent& ack) {
  return line_of_chat(ack);
}
WebhookLine line_of(const engine::GroupEvent& event) {
  WebhookLine out;
  out.line = number_of(event.group.text());
  return out;
}
WebhookLine line_of(const engine::CallEvent& call) {
  return line_of_chat(call);
}
WebhookLine line_of(const engine::PresenceEvent& presence) {
  return line_of_chat(presence);
}
// Between what was told of him by the one address and what is told by the other.
WebhookLine line_of(const engine::IdentityEvent& identity) {
  WebhookLine out;
  out.line = number_of(identity.pn.text());
  if (!identity.lid.empty()) out.other = number_of(identity.lid.text());
  return out;
}

}  // namespace

WebhookLine webhook_line(const EventPayload& payload) {
  return std::visit([](const auto& value) { return line_of(value); }, payload);
}

}  // namespace pigeond::gateway
