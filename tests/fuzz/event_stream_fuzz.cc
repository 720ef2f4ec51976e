// What a stream of events is asked for with, and what its journal holds: read, or refused in words that are
// short.
#include <cstdlib>

#include "api/waha/names.h"
#include "base/bytes.h"
#include "base/text.h"
#include "gateway/events/id.h"
#include "gateway/events/payload.h"

// The refusal lists all events that there are.
constexpr std::size_t kWords = 1500;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const auto text = as_text({data, size});
  if (const auto id = gateway::parse_event_id(text)) {
    if (gateway::parse_event_id(gateway::event_id(*id)) != id || id->seq < 0 || id->at < 0) std::abort();
  }
  const auto topics = api::waha::topics_named(text);
  if (topics && topics->empty()) std::abort();
  if (!topics && (topics.error().detail.size() > kWords ||
                  (is_valid_utf8(text) && !is_valid_utf8(topics.error().detail))))
    std::abort();
  if (size == 0) return 0;
  const auto event = gateway::decode_event({1, 1, data[0] % 64, 0, to_bytes({data + 1, size - 1})});
  if (!event || event->as_told) return 0;
  // What was read is written and read again as it is.
  const auto bytes = gateway::encode_payload(event->mark, event->session, event->payload);
  const auto again = gateway::decode_event({1, 1, static_cast<int>(event->kind), 0, bytes});
  if (!again || gateway::encode_payload(again->mark, again->session, again->payload) != bytes) std::abort();
  return 0;
}
