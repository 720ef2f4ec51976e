// The gateway: sessions under supervision on one loop thread that owns every engine and the writing database
// connection. It works in ticks: take everything that is ready -> engines work in one unit of work -> COMMIT
// -> release effects (frames, answers, webhooks).
//
// Thread rule: run() on the loop thread; everything else may be called from any other thread. What only looks
// (gateway/views/views.h) does so on the caller's thread, and waits neither for the loop nor for a commit;
// what it shows is committed. What changes something, or asks, blocks the caller until the tick that did it
// is committed, and fails with timed_out at the deadline, shutting_down, or storage when the commit failed
// (then nothing was changed). A caller who has an answer sees what it did with his next look.
//
// Questions, and so on the loop, are: a QR code, which is waited for; whatever WhatsApp is asked; whether the
// loop responds. Idempotency keys and replays look on the loop as well, as what they find decides what is
// written.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/context.h"
#include "engine/messages/kinds/content.h"
#include "gateway/asking.h"
#include "gateway/client_version/client_version.h"
#include "gateway/events/event.h"
#include "gateway/events/feed.h"
#include "gateway/media/types.h"
#include "gateway/reply.h"
#include "gateway/storage/health.h"
#include "gateway/types.h"
#include "gateway/webhooks/log.h"
#include "net/networks.h"
#include "store/database/database.h"

namespace pigeond::gateway {

struct Options {
  std::string store_path;
  std::string whatsapp_url;  // ws:// or wss://
  std::string ca_file;       // PEM bundle for wss and for https webhooks; empty: the system's
  engine::ClientProfile profile;
  ClientVersionOptions client_version;  // how the profile's version is kept at the newest
  Millis call_deadline = 30 * kSecond;
  int restarts = 5;  // of a session whose sends fail, within an hour; then it has failed
  // Makes a stored configuration's text (SessionConfig::raw) what it says. It has to take what older versions
  // wrote; an error leaves the session its text, and defaults. None: nothing of it counts.
  std::function<Result<SessionConfig>(std::string_view raw)> read_config;
  std::shared_ptr<const EventFormat>
      event_format;            // how events look in webhooks; none: nothing is told to webhooks
  std::size_t load_step = 64;  // sessions that are loaded in a turn: a millisecond or two, and one commit
  std::string version;         // of this program, as events tell it
  std::string user_agent = "pigeond";       // of webhook requests
  net::NetworkRules webhook_networks;       // where these may go
  bool link_previews = false;               // pages that texts link to are fetched for their title
  net::NetworkRules preview_networks;       // where they may be
  MediaOptions media = {};                  // files of messages
  Millis backup_interval = 0;               // 0: no backups
  Millis keep = 0;                          // messages and ended webhook deliveries; 0: for ever
  Millis keep_events = kDay;                // for streams that come back
  std::int64_t most_events = 100000;        // the newest that are kept for them; 0: any number
  std::int64_t keep_messages = 0;           // the newest of all sessions together; 0: any number
  std::int64_t idempotency_keys = 1000000;  // remembered of all sessions together; then new ones are refused
};

struct Counts {
  int working = 0;
  int running = 0;  // that shall run
  int failed = 0;
  int outdated = 0;  // to whom the service refuses the client's version
  int all = 0;
  bool operator==(const Counts&) const = default;
};

// What the process wants to hear from the loop thread. All optional, none may block.
struct RunHooks {
  std::function<void()> on_started;              // the sessions that shall run have been launched
  std::function<void(const Counts&)> on_counts;  // how many work has changed
  // There is no session of that name any more: before anybody is told, and before another may be made.
  std::function<void(const std::string& session)> on_removed;
  std::function<void()>
      on_restored;  // the backup is the database now: what rows say is older than what is known
  // Each, once it is committed, under the first of its topics.
  std::function<void(const EventSession&, const Event&)> on_event;
  // Every `heartbeat` ms, after a tick that proved progress: the database was read or written, every
  // session's timers were served, and `probe`, if there is one, has called back.
  std::function<void()> on_heartbeat;
  Millis heartbeat = 0;  // 0: never
  // `tidy` ms after something was written, between two ticks: for what the process holds, and needs no more.
  // Who is idle is not woken for it.
  std::function<void()> on_tidy;
  Millis tidy = 0;
  // Asks somebody else for a sign of life, who calls `alive` when he gives it, from any thread.
  std::function<void(std::function<void()> alive)> probe;
};

class Gateway {
 public:
  using Counts = gateway::Counts;

  static Result<std::unique_ptr<Gateway>> open(Options options, Clock& clock, Random& random);
  ~Gateway();

  // Starts the sessions that were running, then works until stop().
  void run(RunHooks hooks = {});
  void stop();  // from any thread or a signal's relay: closes links cleanly (at most 1 s), then run() returns

  // --- looks: never block but for the disk, and for sessions that are not loaded yet after a start ---
  Result<std::vector<SessionInfo>> sessions() const;           // by name, without their health
  Result<SessionInfo> session(const std::string& name) const;  // the same of one, from memory; not_found
  Result<SessionInfo> whole_session(const std::string& name);  // with its health; not_found
  // What waits, in the order of work. At most limits::kListLimit. not_found, storage, as those below.
  Result<std::vector<QueuedMessage>> outbox(const std::string& session, std::size_t limit,
                                            std::size_t offset);
  // Deliveries to the session's webhooks, by their ids: URL after URL, each in the order of queueing. An
  // outcome shows once it is committed, a second late at most.
  Result<std::vector<DeliveryInfo>> deliveries(const std::string& session, const DeliveryFilter& filter);
  Result<DeliveryInfo> delivery(const std::string& session, std::int64_t id);  // with its body
  Result<WebhookTotals> webhooks();  // what waits for all webhooks together; storage
  // Whatever else is in rows. `session` is the row of that name; not_found: there is none. storage: the
  // database can't be read.
  template <typename T>
  Result<T> read(const std::string& session,
                 std::function<Result<T>(store::Database&, std::int64_t session)> look) {
    return found<T>(read_of(
        session, [look = std::move(look)](store::Database& database, std::int64_t row) -> Result<Found> {
          return as_found<T>(look(database, row));
        }));
  }
  // The same of rows that are no session's.
  template <typename T>
  Result<T> read(std::function<Result<T>(store::Database&)> look) {
    return found<T>(read_any([look = std::move(look)](store::Database& database) -> Result<Found> {
      return as_found<T>(look(database));
    }));
  }

  // --- calls: not_found, where the session they are about is not there ---
  // Under a name of its own where `name` is empty. already_exists.
  Result<SessionInfo> create(const std::string& name, bool start, SessionConfig config);
  Result<SessionInfo> update(const std::string& name, SessionConfig config);  // keeps the link
  Result<SessionInfo> start(const std::string& name);                         // idempotent
  Result<SessionInfo> stop_session(const std::string& name);                  // idempotent
  Result<SessionInfo> restart(const std::string& name);
  // Both ask the service to unlink the device, connecting for it if need be, and then erase the account; a
  // logged out session that was running starts again, and shows a QR. What was accepted and not sent ends
  // with Cause::logged_out, told by an acknowledgement of -1.
  //
  // A service that does not confirm within 10 s (no link, silence, a refusal) leaves the account as it is:
  // Departure::done is false, and the service is asked again with each new link, also after a restart of the
  // program; then the session is logged out, or gone. Until then start() and restart() call it off, so does
  // stop_session(), and `force` insists: it waits for nobody, and what it erases the phone may list still
  // (Departure::unlinked is false).
  //
  // remove() is idempotent: what is not there is removed. cancelled: a later call wants the session to stay.
  Result<SessionInfo> logout(const std::string& name, bool force = false);
  Result<Departure> remove(const std::string& name, bool force = false);

  // Waits up to `wait` for a code. not_linked: there is none in the session's status.
  Result<Qr> qr(const std::string& name, Millis wait);
  // Accepted and acknowledged, or accepted and pending (SentMessage::pending): at the deadline, for an async
  // request at once, and when the session stops; or accepted and ended otherwise (SentMessage::failure):
  // expired, cancelled, the service's refusals (engine/messages/out/send_causes.h), ... An error means that
  // nothing was accepted and nothing has changed: not_linked (in the session's status), already_exists (its
  // id or key), ...
  Result<SentMessage> send(SendRequest request);
  // For who does not wait: `reply` is called once, on the loop thread, or here when the gateway has ended; it
  // must not block. A gateway that ends meanwhile answers shutting_down.
  void send(SendRequest request, Reply<SentMessage> reply);
  // The file of a message, named by its id, its chat, who has sent it, and in a group its author: of the
  // disk, or else fetched to there. `reply` as above, but on a thread of its own. See gateway/media/media.h
  // for its errors.
  void media(const std::string& session, engine::MessageRef message, Reply<FoundMedia> reply);
  // too_late: the message may have left, or has ended. not_found, with `session`'s name or the message's.
  Status cancel_message(const std::string& session, const std::string& id);
  // Asks WhatsApp through a session (engine/questions/): not_linked, when it does not work and is not about
  // to, link_lost, timed_out, shutting_down, and what the question itself says.
  // What the answer changed is committed by then.
  template <typename T>
  Result<T> ask(const std::string& session, engine::Question<T> question) {
    return found<T>(ask(session, asking<T>({}, std::move(question))));
  }
  // The same, but callers with the same `key` share an answer that is on its way.
  template <typename T>
  Result<T> ask_once(const std::string& session, const std::string& key, engine::Question<T> question) {
    return found<T>(ask(session, asking<T>(typeid(T).name() + (" " + key), std::move(question))));
  }
  // The same two where an account is being linked: not_linked, unless a QR is shown or what follows it is
  // under way.
  template <typename T>
  Result<T> ask_pairing(const std::string& session, engine::PairingQuestion<T> question) {
    return found<T>(ask(session, asking_pairing<T>({}, std::move(question))));
  }
  template <typename T>
  Result<T> ask_pairing_once(const std::string& session, const std::string& key,
                             engine::PairingQuestion<T> question) {
    return found<T>(ask(session, asking_pairing<T>(typeid(T).name() + (" " + key), std::move(question))));
  }
  // Does `task` on the loop thread, in a part of its unit of work, for rows that are no session's. It must
  // not block; storage: nothing of it stands.
  template <typename T>
  Result<T> work(std::function<Result<T>(store::Database&, Instant)> task) {
    return found<T>(work(erased<T>(std::move(task))));
  }
  template <typename T>
  void work(std::function<Result<T>(store::Database&, Instant)> task, Reply<T> reply) {
    work(erased<T>(std::move(task)),
         [reply = std::move(reply)](const Result<Found>& done) { reply(found<T>(done)); });
  }

  // A delivery once more, at the end of its queue or of that of `to_url`: the delivery that comes of it. A
  // dead letter moves there, what was delivered is copied. already_exists (still pending), bad_input (no such
  // webhook any more), rate_limited (the queue is full).
  Result<DeliveryInfo> replay(const std::string& session, std::int64_t id, const std::string& to_url = "");
  Result<Replayed> replay(const std::string& session, const ReplayRange& range);

  // --- streams of events, for gateway/streams/streams.h on another thread ---
  EventFeed& feed();
  std::shared_ptr<const EventFormat> event_format() const;
  // A connection of its own, for the thread that calls; storage.
  Result<std::unique_ptr<store::Database>> open_reader() const;
  // What happens after the event with the number that is replied is kept for a stream to read. On the loop
  // thread, and does not block the caller. storage, shutting_down.
  void begin_stream(Reply<std::int64_t> reply);

  // How many sessions work, of how many that should run; for STATUS= and /health. Never blocks.
  Counts counts() const;
  // Whether the disk takes what is to be stored; what was found of the database at this start. Never blocks.
  StorageState storage() const;
  ClientVersionState client_version() const;  // never blocks
  // False when the loop has not finished a tick although asked to (a hung loop or disk): /health answers 503
  // then.
  bool responsive(Millis within);

 private:
  using Work = std::function<Result<Found>(store::Database&, Instant)>;
  template <typename T>
  static Work erased(std::function<Result<T>(store::Database&, Instant)> task) {
    return [task = std::move(task)](store::Database& database, Instant now) -> Result<Found> {
      return as_found<T>(task(database, now));
    };
  }
  template <typename T>
  static Result<Found> as_found(Result<T> find) {
    if (!find) return find.error();
    return Found(std::make_shared<const T>(std::move(*find)));
  }
  Result<Found> ask(const std::string& session, Asking asking);
  Result<Found> read_of(const std::string& session,
                        const std::function<Result<Found>(store::Database&, std::int64_t)>& look);
  Result<Found> read_any(const std::function<Result<Found>(store::Database&)>& look);
  Result<Found> work(Work task);
  void work(Work task, Reply<Found> reply);

  struct Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::gateway
