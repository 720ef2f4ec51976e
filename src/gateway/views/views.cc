#include "gateway/views/views.h"

#include <algorithm>
#include <utility>

#include "gateway/events/texts.h"
#include "gateway/session/health_log.h"
#include "gateway/session/queued.h"
#include "gateway/webhooks/shown.h"
#include "store/database/trouble.h"
#include "store/sessions.h"

namespace pigeond::gateway {

Result<SessionBoard::Shown> Views::find(const std::string& name) const {
  PIGEOND_TRY(auto found, sessions_.find(name));
  if (found != nullptr) return found;
  // Which there are nobody knows while the database is damaged from the start on.
  if (const auto state = storage_.state(); state.damaged && state.failure) return *state.failure;
  return no_session(name);
}

// What is due at once is due now, and not when it was found to be.
SessionInfo Views::info_of(const ShownSession& session) const {
  SessionInfo info = session.info;
  if (info.next) info.next->at = std::max(info.next->at, clock_.now().wall);
  return info;
}

Result<std::vector<SessionInfo>> Views::sessions() const {
  PIGEOND_TRY(const auto shown, sessions_.all());
  std::vector<SessionInfo> all;
  for (const auto& session : shown) all.push_back(info_of(*session));
  return all;
}

Result<SessionInfo> Views::session(const std::string& name) const {
  PIGEOND_TRY(const auto found, find(name));
  return info_of(*found);
}

Result<SessionInfo> Views::whole_session(const std::string& name) {
  PIGEOND_TRY(const auto found, find(name));
  SessionInfo info = info_of(*found);
  info.health = found->health;
  if (found->back_off_until > 0)
    info.health->retry_after = std::max<Millis>(found->back_off_until - clock_.now().mono, 0);
  add_rows(*found, *info.health);
  return info;
}

void Views::complete(SessionInfo& info) {
  const auto found = sessions_.find(info.name);
  if (found && *found != nullptr && info.health) add_rows(**found, *info.health);
}

// The board was looked at before: of a step that ends meanwhile the row knows how.
void Views::add_rows(const ShownSession& session, SessionHealth& health) {
  const bool has_webhooks = webhooks_.has_queues(session.row);
  if (session.newest_step == 0 && !has_webhooks) return;
  static_cast<void>(read([&](store::Database& database) -> Result<Found> {
    if (session.newest_step > 0)
      health.steps = shown_steps(database, session.row, session.open_steps, session.newest_step);
    if (has_webhooks)
      health.webhooks = shown_webhooks(database, webhooks_, session.row, *session.info.config);
    return Found();
  }));
}

Result<Found> Views::read(const Readers::Look& look) {
  // A damaged file may show anything.
  if (const auto state = storage_.state(); state.failure && state.damaged) return *state.failure;
  auto found = readers_.read(look);
  if (!found && store::is_damage(found.error())) damaged_(found.error());
  return found;
}

Result<Found> Views::read_of(const std::string& session,
                             const std::function<Result<Found>(store::Database&, std::int64_t)>& look) {
  return read([&](store::Database& database) -> Result<Found> {
    const auto row = store::SessionTable(database).find(session);
    if (!row) return no_session(session);
    return look(database, row->id);
  });
}

template <typename T>
Result<T> Views::look(const std::function<Result<T>(store::Database&)>& look) {
  return found<T>(read([&](store::Database& database) -> Result<Found> {
    PIGEOND_TRY(T seen, look(database));
    return Found(std::make_shared<const T>(std::move(seen)));
  }));
}

Result<std::vector<QueuedMessage>> Views::outbox(const std::string& session, std::size_t limit,
                                                 std::size_t offset) {
  using Messages = std::vector<QueuedMessage>;
  PIGEOND_TRY(const auto shown, find(session));
  return look<Messages>([&](store::Database& database) -> Result<Messages> {
    return outbox_page(database, *shown, limit, offset);
  });
}

Result<std::vector<DeliveryInfo>> Views::deliveries(const std::string& session,
                                                    const DeliveryFilter& filter) {
  using Deliveries = std::vector<DeliveryInfo>;
  PIGEOND_TRY(const auto shown, find(session));
  return look<Deliveries>([&](store::Database& database) -> Result<Deliveries> {
    return shown_deliveries(database, webhooks_, shown->row, filter);
  });
}

Result<DeliveryInfo> Views::delivery(const std::string& session, std::int64_t id) {
  PIGEOND_TRY(const auto shown, find(session));
  return look<DeliveryInfo>([&](store::Database& database) {
    return shown_delivery(database, EventTexts(database, format_), webhooks_, shown->row, id);
  });
}

Result<WebhookTotals> Views::webhook_totals() {
  return look<WebhookTotals>(
      [&](store::Database& database) -> Result<WebhookTotals> { return shown_totals(database, webhooks_); });
}

}  // namespace pigeond::gateway
