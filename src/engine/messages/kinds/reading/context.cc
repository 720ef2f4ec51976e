#include "engine/messages/kinds/reading/context.h"

#include <utility>

#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

// Reading it changes nothing.
wa_Message& reading(const wa_Message& message) {
  return const_cast<wa_Message&>(message);
}

Bytes without_field(ByteView part, std::uint32_t number) {
  Bytes out;
  RawFields fields(part);
  while (auto field = fields.next())
    if (field->number != number) out.insert(out.end(), field->whole.begin(), field->whole.end());
  return out;
}

}  // namespace

ContextRead read_context(const Kind& kind, const wa_Message& message) {
  if (kind.kept == nullptr) {
    const auto* place = kind.context(reading(message));
    return ContextRead(place != nullptr ? place->get() : nullptr);
  }
  const auto bytes =
      kind.context_number != 0 ? find_field(*kind.kept(reading(message)), kind.context_number) : std::nullopt;
  if (!bytes) return ContextRead();
  auto decoded = wire::proto::decode<wa_ContextInfo>(*bytes);
  if (!decoded) return ContextRead();
  return ContextRead(std::make_unique<wa_ContextInfo>(std::move(*decoded)));
}

wa_ContextInfo take_context(const Kind& kind, wa_Message& message) {
  wa_ContextInfo out{};
  if (kind.kept == nullptr) {
    auto* place = kind.context(message);
    if (place != nullptr && *place) out = std::move(**place);
  } else if (const auto bytes = find_field(*kind.kept(message), kind.context_number)) {
    if (auto decoded = wire::proto::decode<wa_ContextInfo>(*bytes)) out = std::move(*decoded);
  }
  drop_context(kind, message);
  return out;
}

bool put_context(const Kind& kind, wa_Message& message, wa_ContextInfo context) {
  if (kind.widen != nullptr) kind.widen(message);
  if (kind.kept != nullptr) {
    if (kind.context_number == 0) return false;
    drop_context(kind, message);
    append_field(*kind.kept(message), kind.context_number, wire::proto::encode(context));
    return true;
  }
  ContextPlace* place = kind.context(message);
  if (place == nullptr) return false;
  *place = std::make_unique<wa_ContextInfo>(std::move(context));
  return true;
}

void drop_context(const Kind& kind, wa_Message& message) {
  if (kind.kept == nullptr) {
    if (auto* place = kind.context(message)) place->reset();
  } else if (kind.context_number != 0) {
    Bytes& part = *kind.kept(message);
    part = without_field(part, kind.context_number);
  }
}

Timer timer_in(const wa_ContextInfo& context) {
  Timer timer;
  timer.seconds = context.has_expiration ? context.expiration : 0;
  timer.set = context.has_ephemeralSettingTimestamp ? context.ephemeralSettingTimestamp : 0;
  return timer;
}

// As whatsmeow and Baileys write it.
void put_timer(const Timer& timer, wa_ContextInfo& context) {
  if (timer.seconds == 0) return;
  context.has_expiration = true;
  context.expiration = timer.seconds;
  context.has_ephemeralSettingTimestamp = timer.set != 0;
  context.ephemeralSettingTimestamp = timer.set;
}

std::optional<Referral> referral_in(const wa_ContextInfo& context) {
  if (!context.has_externalAdReply) return std::nullopt;
  const auto& ad = context.externalAdReply;
  if (ad.sourceID.empty() && ad.ctwaClid.empty() && ad.sourceType.empty() && !ad.showAdAttribution)
    return std::nullopt;
  Referral out;
  out.source_type = ad.sourceType;
  out.source_id = ad.sourceID;
  out.source_url = ad.sourceURL;
  out.title = ad.title;
  out.body = ad.body;
  out.media_url = ad.mediaURL;
  out.click_id = ad.ctwaClid;
  out.ref = ad.ref;
  out.app = !ad.sourceApp.empty() ? ad.sourceApp : context.entryPointConversionApp;
  return out;
}

}  // namespace pigeond::engine
