// The journal's events as bytes (event.proto).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "gateway/events/event.h"
#include "store/events.h"

namespace pigeond::gateway {

Bytes encode_payload(std::uint32_t mark, const EventSession& session, const EventPayload& payload);
// malformed: its row makes no sense.
Result<JournalEvent> decode_event(const store::EventRow& row);

}  // namespace pigeond::gateway
