#include "engine/messages/kinds/about/vote.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kSelected = 1;
constexpr std::size_t kMostChosen = 256;

bool is(const wa_Message& message) {
  return message.has_pollUpdateMessage && message.pollUpdateMessage.has_vote;
}

const wa_MessageKey* target(const wa_Message& message) {
  const auto& update = message.pollUpdateMessage;
  return update.has_pollCreationMessageKey ? &update.pollCreationMessageKey : nullptr;
}

void look(const wa_Message&, StanzaLook& look) {
  look.hidden = true;
  look.poll = "vote";
}

}  // namespace

const Kind kVote{.type = "vote",
                 .is = is,
                 .show = show_nothing,
                 .context = no_context,
                 .stanza_type = "poll",
                 .target = target,
                 .look = look};

Bytes vote_plaintext(const std::vector<std::string>& options) {
  Bytes out;
  for (const auto& option : options) append_field(out, kSelected, crypto::sha256(as_bytes(option)));
  return out;
}

Result<std::vector<std::string>> chosen(ByteView plaintext, const std::vector<std::string>& options) {
  std::vector<Bytes> hashes;
  RawFields fields(plaintext);
  while (const auto field = fields.next())
    if (field->number == kSelected && field->wire_type == 2 && hashes.size() < kMostChosen)
      hashes.push_back(to_bytes(field->payload));
  if (fields.broken()) return fail(Cause::malformed, "a vote that does not parse");
  std::vector<std::string> names;
  std::size_t known = 0;
  for (const auto& option : options) {
    const Key32 hash = crypto::sha256(as_bytes(option));
    const auto same = std::count(hashes.begin(), hashes.end(), to_bytes(ByteView(hash)));
    if (same == 0) continue;
    known += static_cast<std::size_t>(same);
    names.push_back(option);
  }
  if (known < hashes.size()) return fail(Cause::not_found, "a vote for an option that is not known");
  return names;
}

Content vote_content(const wa_MessageKey& poll, Sealed vote, std::int64_t sent) {
  wa_Message message{};
  message.has_pollUpdateMessage = true;
  auto& update = message.pollUpdateMessage;
  update.has_pollCreationMessageKey = update.has_vote = update.has_senderTimestampMS = true;
  update.pollCreationMessageKey = poll;
  update.vote.encPayload = std::move(vote.payload);
  update.vote.encIV = std::move(vote.iv);
  update.senderTimestampMS = sent;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
