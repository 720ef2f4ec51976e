// What waits in one session's outbox, as it is shown.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "gateway/session/forms.h"
#include "gateway/session/session_board.h"
#include "gateway/types.h"
#include "store/messages/outbox.h"

namespace pigeond::gateway {

// `standing` nullopt: no engine knows of it.
QueuedMessage queued_message(const store::OutboxRow& row, const Forms& chat,
                             const std::optional<engine::Standing>& standing, SessionStatus status);

// A page of the outbox, in the order of work, of what programs were told of, on whatever thread the database
// belongs to.
std::vector<QueuedMessage> outbox_page(store::Database& database, const ShownSession& session,
                                       std::size_t limit, std::size_t offset);

}  // namespace pigeond::gateway
