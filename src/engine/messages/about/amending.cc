#include "engine/messages/about/amending.h"

#include <utility>

#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/poll.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kContextInfo = 35;

std::string* caption_of(wa_Message& message) {
  if (message.has_imageMessage) return &message.imageMessage.caption;
  if (message.has_videoMessage) return &message.videoMessage.caption;
  if (message.has_documentMessage) return &message.documentMessage.caption;
  return nullptr;
}

// `now` without its wrappers, by itself.
wa_Message bare(const wa_Message& now) {
  auto copy = wire::proto::decode<wa_Message>(wire::proto::encode(*innermost(now)));
  if (!copy) return {};
  copy->has_messageContextInfo = false;
  return std::move(*copy);
}

// What it answered stays, where the edit says nothing of that.
void keep_context(wa_Message& before, wa_Message& now) {
  const Kind *old = kind_of(before), *changed = kind_of(now);
  auto* from = old != nullptr ? old->context(before) : nullptr;
  if (from == nullptr || !*from || changed == nullptr) return;
  if (changed->widen != nullptr) changed->widen(now);
  auto* to = changed->context(now);
  if (to == nullptr) return;
  if (!*to) {
    *to = std::move(*from);
  } else if ((*to)->stanzaID.empty()) {
    (*to)->stanzaID = std::move((*from)->stanzaID);
    (*to)->participant = std::move((*from)->participant);
    (*to)->quotedMessage = std::move((*from)->quotedMessage);
  }
}

}  // namespace

Bytes amended_content(const Bytes& before, const wa_Message& now, Amends amends) {
  wa_Message says = bare(now);
  auto stored = wire::proto::decode<wa_Message>(before);
  if (before.empty() || !stored) return wire::proto::encode(says);
  // It is ours to change: the wrappers around it stay.
  auto& inner = const_cast<wa_Message&>(*innermost(*stored));
  if (std::string* caption = caption_of(inner)) {
    Shown shown;
    if (const Kind* kind = kind_of(says)) kind->show(says, shown);
    *caption = std::move(shown.body);
    return wire::proto::encode(*stored);
  }
  if (poll_options(inner)) {
    amend_poll(inner, says, amends == Amends::all);
    return wire::proto::encode(*stored);
  }
  keep_context(inner, says);
  Bytes out = wire::proto::encode(says);
  if (const auto context = find_field(before, kContextInfo)) append_field(out, kContextInfo, *context);
  return out;
}

}  // namespace pigeond::engine
