// What somebody sends as a message: any bytes are shown, told as they came, or nothing; and can be quoted.
#include <cstdlib>

#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/reading/parts.h"
#include "engine/messages/kinds/text.h"
#include "engine/messages/kinds/timer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const ByteView bytes(data, size);
  engine::raw_part_of(bytes);
  const auto message = wire::proto::decode<wa_Message>(bytes);
  if (!message) return 0;
  const engine::Shown shown = engine::describe(*message);
  if (engine::is_visible(*message) && shown.type == "unknown") std::abort();
  engine::timer_of(*message);
  engine::timer_set_by(*message);
  engine::Framing framing;
  framing.quote = engine::Quote{"Q", wire::pn("491510000002"), to_bytes(bytes)};
  const auto answer = engine::framed(engine::text_content("x"), framing);
  if (!answer || !engine::describe(engine::Content{*answer}).quoted) std::abort();
  return 0;
}
