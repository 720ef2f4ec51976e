#include "gateway/events.h"

namespace pigeond::gateway {
namespace {

bool ignored(const SessionConfig& config, const wire::Jid& chat) {
  if (chat.is_status()) return config.ignore_status;
  if (chat.is_broadcast()) return config.ignore_broadcast;
  if (chat.is_group()) return config.ignore_groups;
  if (chat.is_newsletter()) return config.ignore_channels;
  return false;
}

}  // namespace

std::vector<std::string> event_names(const SessionConfig& config, const engine::MessageEvent& message) {
  if (ignored(config, message.chat)) return {};
  if (message.type == "reaction") return {};
  if (message.from_me) return {"message.any"};
  return {"message", "message.any"};
}

std::vector<std::string> event_names(const SessionConfig& config, const engine::AckEvent& ack) {
  if (ignored(config, ack.chat)) return {};
  return {ack.chat.is_group() ? "message.ack.group" : "message.ack"};
}

}  // namespace pigeond::gateway
