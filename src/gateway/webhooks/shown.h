// Deliveries as people see them: rows, and beside them what the board says of those that are being tried. On
// whatever thread the database belongs to.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "gateway/events/texts.h"
#include "gateway/types.h"
#include "gateway/webhooks/board.h"
#include "gateway/webhooks/log.h"
#include "store/database/database.h"

namespace pigeond::gateway {

// By their ids: URL after URL, each in the order of queueing.
std::vector<DeliveryInfo> shown_deliveries(store::Database& database, const WebhookBoard& board,
                                           std::int64_t session, const DeliveryFilter& filter);
// With the body that `texts` makes of it; they read the same database. not_found.
Result<DeliveryInfo> shown_delivery(store::Database& database, const EventTexts& texts,
                                    const WebhookBoard& board, std::int64_t session, std::int64_t id);
// Of each URL that is configured, or that something of is still here.
std::vector<WebhookHealth> shown_webhooks(store::Database& database, const WebhookBoard& board,
                                          std::int64_t session, const SessionConfig& config);
WebhookTotals shown_totals(store::Database& database, const WebhookBoard& board);

}  // namespace pigeond::gateway
