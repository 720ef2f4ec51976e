// Polls. Each version of the protocol has put them into another part.
#include "engine/messages/kinds/poll.h"

#include <algorithm>

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// Points into `message`, and is const as that is.
template <typename Message>
auto find(Message& message) -> decltype(&message.pollCreationMessage) {
  if (message.has_pollCreationMessage) return &message.pollCreationMessage;
  if (message.has_pollCreationMessageV2) return &message.pollCreationMessageV2;
  if (message.has_pollCreationMessageV3) return &message.pollCreationMessageV3;
  if (message.has_pollCreationMessageV5) return &message.pollCreationMessageV5;
  if (message.has_pollCreationMessageV6) return &message.pollCreationMessageV6;
  return nullptr;
}

bool is(const wa_Message& message) {
  return find(message) != nullptr;
}

void show(const wa_Message& message, Shown& shown) {
  shown.body = find(message)->name;
}

ContextPlace* context(wa_Message& message) {
  return &find(message)->contextInfo;
}

void look(const wa_Message&, StanzaLook& look) {
  look.poll = "creation";
}

wa_PollCreationMessage_Option option_named(const std::string& name) {
  wa_PollCreationMessage_Option option{};
  option.optionName = name;
  return option;
}

}  // namespace

const Kind kPoll{
    .type = "poll", .is = is, .show = show, .context = context, .stanza_type = "poll", .look = look};

// The third part is for polls of which one option may be chosen (Baileys, whatsapp-rust).
Content poll_content(std::string_view name, const std::vector<std::string>& options, bool several) {
  wa_Message message{};
  (several ? message.has_pollCreationMessage : message.has_pollCreationMessageV3) = true;
  auto& poll = several ? message.pollCreationMessage : message.pollCreationMessageV3;
  poll.name = name;
  for (const auto& option : options) poll.options.push_back(option_named(option));
  poll.has_selectableOptionsCount = true;
  poll.selectableOptionsCount = several ? 0 : 1;
  return Content{wire::proto::encode(message)};
}

std::optional<PollOptions> poll_options(const wa_Message& message) {
  const auto* poll = find(message);
  if (poll == nullptr) return std::nullopt;
  PollOptions out;
  out.most = poll->selectableOptionsCount;
  for (const auto& option : poll->options) {
    if (out.names.size() == kPollAmended) break;
    out.names.push_back(option.optionName);
  }
  return out;
}

void amend_poll(wa_Message& poll, const wa_Message& more, bool renames) {
  auto* const old = find(poll);
  const auto* const added = find(more);
  if (old == nullptr || added == nullptr) return;
  if (renames && !added->name.empty()) old->name = added->name;
  for (const auto& option : added->options) {
    if (old->options.size() >= kPollAmended) break;
    const bool known = std::any_of(old->options.begin(), old->options.end(),
                                   [&](const auto& each) { return each.optionName == option.optionName; });
    if (!known) old->options.push_back(option_named(option.optionName));
  }
}

}  // namespace pigeond::engine
