#include "engine/messages/kinds/timer.h"

#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

bool is(const wa_Message& message) {
  return message.has_protocolMessage &&
         message.protocolMessage.type == wa_ProtocolMessage_Type_EPHEMERAL_SETTING;
}

}  // namespace

const Kind kTimerSetting{
    .type = "setting", .is = is, .show = show_nothing, .context = no_context, .silent = true};

// As whatsmeow sends it; Baileys puts it into an ephemeralMessage, which whatsmeow takes off.
Content timer_content(const Timer& timer) {
  wa_Message message{};
  message.has_protocolMessage = true;
  auto& setting = message.protocolMessage;
  setting.has_type = setting.has_ephemeralExpiration = true;
  setting.has_ephemeralSettingTimestamp = timer.set != 0;
  setting.type = wa_ProtocolMessage_Type_EPHEMERAL_SETTING;
  setting.ephemeralExpiration = timer.seconds;
  setting.ephemeralSettingTimestamp = timer.set;
  return Content{wire::proto::encode(message)};
}

std::optional<Timer> timer_set_by(const wa_Message& message) {
  const wa_Message& inner = *innermost(message);
  if (!is(inner)) return std::nullopt;
  Timer timer;
  timer.seconds = inner.protocolMessage.ephemeralExpiration;
  timer.set = inner.protocolMessage.ephemeralSettingTimestamp;
  return timer;
}

// Looked at for each message that is sent: what holds no such part is not decoded.
std::optional<Timer> timer_set_by(const Content& content) {
  constexpr std::uint32_t kProtocolMessage = 12;
  if (!find_field(content.message, kProtocolMessage)) return std::nullopt;
  const auto message = wire::proto::decode<wa_Message>(content.message);
  return message ? timer_set_by(*message) : std::nullopt;
}

}  // namespace pigeond::engine
