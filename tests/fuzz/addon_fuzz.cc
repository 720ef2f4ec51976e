// What a stranger says about a message: any bytes as the Message that comes, and as what is found in it when
// it is decrypted. No event shows more than the sender wrote, and what an edit leaves can be read again.
#include <cstdlib>

#include "engine/messages/about/amending.h"
#include "engine/messages/kinds/about/addon.h"
#include "engine/messages/kinds/about/comment.h"
#include "engine/messages/kinds/about/sealed.h"
#include "engine/messages/kinds/about/vote.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/poll.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  using namespace pigeond::engine;
  if (size < 2) return 0;
  const ByteView all(data + 2, size - 2);
  const std::size_t half = std::min<std::size_t>(all.size(), data[0] * std::size_t{256} + data[1]);
  const ByteView first = all.first(half), second = all.subspan(half);

  const Addon addon{kPollVote, "3EB0", "1@lid", "2@lid"};
  SeededRandom random(7);
  const Bytes secret(32, 9);
  const Sealed sealed = seal_addon(secret, addon, first, random);
  if (open_addon(secret, addon, sealed.payload, sealed.iv).value() != to_bytes(first)) std::abort();
  if (open_addon(secret, addon, second, first)) std::abort();

  if (const auto names = chosen(first, {"Tea", "Coffee"}); names && names->size() > 2) std::abort();
  const auto message = wire::proto::decode<wa_Message>(first);
  if (!message) return 0;
  const wa_Message& inner = *innermost(*message);
  const Kind* kind = kind_of(inner);
  if (kind != nullptr && kind->target != nullptr && is_visible(*message)) std::abort();
  if (const auto part = sealed_part(inner); part && (part->payload == nullptr || part->iv == nullptr))
    std::abort();
  look_of(first);
  describe(*message);
  const Bytes amended = amended_content(to_bytes(second), *message);
  if (!wire::proto::decode<wa_Message>(amended)) std::abort();
  if (const auto comment = opened_comment(wa_MessageKey{}, second))
    if (!wire::proto::decode<wa_Message>(*comment)) std::abort();
  return 0;
}
