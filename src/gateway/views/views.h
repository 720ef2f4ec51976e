// What is looked at, and not asked: lists and states, from any thread, never through the loop and never
// behind a commit. Rows are read over read-only connections, what only the loop thread knows is taken from
// its boards. A board is brought up to a commit before anybody is told or answered of it, so whoever was sees
// it; whoever looks in between may see rows that are a tick newer than the state beside them. All of it is
// committed; that a receiver has taken a delivery is a row a second later at most, and nobody says so before.
// What each of more than a hundred messages waits for is up to a quarter of a second old.
//
// Only a process that has just begun lets wait: for the session that is asked for, or for all where all are
// asked for, until they are loaded. So none is not found by mistake.
//
// What has ended stays readable: nothing here waits for the loop, and nothing fails because it has stopped.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "gateway/events/event.h"
#include "gateway/readers.h"
#include "gateway/session/session_board.h"
#include "gateway/storage/health.h"
#include "gateway/types.h"
#include "gateway/webhooks/board.h"
#include "gateway/webhooks/log.h"

namespace pigeond::gateway {

class Views {
 public:
  // All references outlive it. `format` makes the bodies of deliveries; nullptr: they have none.
  // `damaged` is told, on the thread that looks, of a page that can't be what it was.
  Views(const std::string& path, Clock& clock, const SessionBoard& sessions, const WebhookBoard& webhooks,
        const StorageHealth& storage, std::shared_ptr<const EventFormat> format,
        std::function<void(const Error&)> damaged)
      : readers_(path),
        clock_(clock),
        sessions_(sessions),
        webhooks_(webhooks),
        storage_(storage),
        format_(std::move(format)),
        damaged_(std::move(damaged)) {}

  // From memory alone. All here wait for what is not loaded yet; shutting_down, storage:
  // that does not come.
  Result<std::vector<SessionInfo>> sessions() const;           // by name, without their health
  Result<SessionInfo> session(const std::string& name) const;  // the same of one; not_found

  // Waits for nothing: nullptr also of one that is not loaded yet.
  SessionBoard::Shown loaded(const std::string& name) const { return sessions_.here(name); }

  // With its health; its steps and webhooks only where the database can be read.
  Result<SessionInfo> whole_session(const std::string& name);
  // Of a session with its health as the loop thread answered it: adds the steps and webhooks.
  void complete(SessionInfo& info);

  // not_found, storage.
  Result<std::vector<QueuedMessage>> outbox(const std::string& session, std::size_t limit,
                                            std::size_t offset);
  Result<std::vector<DeliveryInfo>> deliveries(const std::string& session, const DeliveryFilter& filter);
  Result<DeliveryInfo> delivery(const std::string& session, std::int64_t id);  // with its body
  Result<WebhookTotals> webhook_totals();

  // What `look` finds, in one snapshot of the database; the second with the row of that session.
  Result<Found> read(const Readers::Look& look);
  Result<Found> read_of(const std::string& session,
                        const std::function<Result<Found>(store::Database&, std::int64_t)>& look);

 private:
  template <typename T>
  Result<T> look(const std::function<Result<T>(store::Database&)>& look);
  Result<SessionBoard::Shown> find(const std::string& name) const;
  SessionInfo info_of(const ShownSession& session) const;
  void add_rows(const ShownSession& session, SessionHealth& health);

  Readers readers_;
  Clock& clock_;
  const SessionBoard& sessions_;
  const WebhookBoard& webhooks_;
  const StorageHealth& storage_;
  const std::shared_ptr<const EventFormat> format_;
  const std::function<void(const Error&)> damaged_;
};

}  // namespace pigeond::gateway
