#include "gateway/gateway.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "gateway/core.h"
#include "gateway/media/media.h"
#include "gateway/previews/previews.h"

namespace pigeond::gateway {
namespace {

// Sends have their deadline on the loop; this much longer their callers wait for a loop that may hang.
constexpr Millis kGrace = 2 * kSecond;
// And this much where a page is fetched first, for this message or for those before it.
constexpr Millis kPageTime = 10 * kSecond;

class WaitingCall {
 public:
  virtual ~WaitingCall() = default;
  virtual void fail_with(const Error& error) = 0;
};

// What a caller's thread waits for. The first result counts.
template <typename T>
class Call final : public WaitingCall {
 public:
  void set(Result<T> result) {
    {
      const std::lock_guard lock(mutex_);
      if (!result_) result_.emplace(std::move(result));
    }
    done_.notify_one();
  }
  void fail_with(const Error& error) override { set(error); }
  Result<T> wait(Millis time) {
    std::unique_lock lock(mutex_);
    done_.wait_for(lock, std::chrono::milliseconds(time), [this] { return result_.has_value(); });
    if (!result_) result_.emplace(fail(Cause::timed_out, "the gateway did not get to it in time"));
    return *result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::optional<Result<T>> result_;
};

// What no thread waits for.
template <typename T>
class BegunCall final : public WaitingCall {
 public:
  explicit BegunCall(Reply<T> reply) : reply_(std::move(reply)) {}
  void set(Result<T> result) {
    Reply<T> reply;
    {
      const std::lock_guard lock(mutex_);
      reply = std::exchange(reply_, nullptr);
    }
    if (reply) reply(std::move(result));
  }
  void fail_with(const Error& error) override { set(error); }

 private:
  std::mutex mutex_;
  Reply<T> reply_;
};

}  // namespace

struct Gateway::Impl {
  std::unique_ptr<Core> core;
  Millis call_deadline = 0;

  std::mutex mutex;
  bool closed = false;  // the loop has ended
  std::set<std::shared_ptr<WaitingCall>> waiting;
  gateway::Counts counts;
  std::unique_ptr<Previews> previews;  // nullptr: none are made; goes first, as it sends
  Clock* clock = nullptr;
  std::mutex media_mutex;        // of the pointer
  std::unique_ptr<Media> media;  // since the first file; goes when nothing that it has asked can be answered

  void pass_on(SendRequest request, Reply<SentMessage> reply) {
    begin<SentMessage>(std::move(reply), [request = std::move(request)](Core& to, Reply<SentMessage> done) {
      to.send(request, std::move(done));
    });
  }

  // On the thread of whoever sends, which may be that of all connections: nothing is waited for. A session
  // that has a proxy shows nobody where this machine is: no page is fetched for it.
  bool wants_preview(const SendRequest& request) {
    if (!previews || request.link.empty()) return false;
    const auto shown = core->views().loaded(request.session);
    return shown && shown->info.config->link_previews && !shown->info.config->proxy;
  }

  void send(SendRequest request, Reply<SentMessage> reply) {
    if (!previews) return pass_on(std::move(request), std::move(reply));
    const bool fetch = wants_preview(request);
    previews->send(std::move(request), fetch, std::move(reply));
  }

  net::ProxyRef proxy_of(const std::string& session) {
    const auto shown = core->views().loaded(session);
    return shown ? shown->info.config->proxy : nullptr;
  }

  // Of who never sees a file it takes neither a thread nor memory.
  Media& media_room() {
    const std::lock_guard lock(media_mutex);
    if (!media)
      media = std::make_unique<Media>(
          core->options().media, *clock,
          Media::Ways{[this](const std::string& session, Asking asking, Reply<Found> reply) {
                        begin<Found>(std::move(reply),
                                     [session, asking = std::move(asking)](Core& to, Reply<Found> done) {
                                       to.ask(session, asking, std::move(done));
                                     });
                      },
                      [this](const std::string& session, const auto& look) {
                        return core->views().read_of(session, look);
                      },
                      [this](const std::string& session) { return proxy_of(session); }});
    return *media;
  }
  // There are files, which may be too old.
  bool has_media() const {
    std::error_code ignored;
    const std::string& folder = core->options().media.folder;
    return !folder.empty() && std::filesystem::exists(folder, ignored);
  }

  // Runs `work` on the loop thread and waits for its reply.
  template <typename T>
  Result<T> call(Millis deadline, std::function<void(Core&, Reply<T>)> work) {
    auto call = std::make_shared<Call<T>>();
    {
      const std::lock_guard lock(mutex);
      if (closed) return fail(Cause::shutting_down, "the gateway is stopping");
      waiting.insert(call);
      core->loop().post([this, call, work = std::move(work)] {
        work(*core, [call](Result<T> result) { call->set(std::move(result)); });
      });
    }
    auto result = call->wait(deadline);
    const std::lock_guard lock(mutex);
    waiting.erase(call);
    return result;
  }

  // What it answers is completed here, beside the loop.
  Result<SessionInfo> call_session(std::function<void(Core&, Reply<SessionInfo>)> work) {
    auto info = call<SessionInfo>(call_deadline, std::move(work));
    if (info) core->views().complete(*info);
    return info;
  }

  // The same for nobody's thread.
  template <typename T>
  void begin(Reply<T> reply, std::function<void(Core&, Reply<T>)> work) {
    auto call = std::make_shared<BegunCall<T>>(std::move(reply));
    {
      const std::lock_guard lock(mutex);
      if (!closed) {
        waiting.insert(call);
        return core->loop().post([this, call, work = std::move(work)] {
          work(*core, [this, call](Result<T> result) {
            {
              const std::lock_guard done(mutex);
              waiting.erase(call);
            }
            call->set(std::move(result));
          });
        });
      }
    }
    call->fail_with(fail(Cause::shutting_down, "the gateway is stopping"));
  }

  void close() {
    std::set<std::shared_ptr<WaitingCall>> left;
    {
      const std::lock_guard lock(mutex);
      closed = true;
      left.swap(waiting);
    }
    for (const auto& call : left) call->fail_with(fail(Cause::shutting_down, "the gateway is stopping"));
  }
};

Result<std::unique_ptr<Gateway>> Gateway::open(Options options, Clock& clock, Random& random) {
  auto impl = std::make_unique<Impl>();
  impl->call_deadline = options.call_deadline;
  const bool previews = options.link_previews;
  auto networks = options.preview_networks;
  std::string ca_file = options.ca_file, agent = options.user_agent;
  PIGEOND_TRY(impl->core, Core::open(std::move(options), clock, random));
  impl->counts = impl->core->count();
  impl->clock = &clock;
  if (impl->has_media()) impl->media_room();
  if (previews)
    impl->previews =
        std::make_unique<Previews>(std::move(networks), std::move(ca_file), std::move(agent), clock,
                                   [to = impl.get()](SendRequest request, Reply<SentMessage> reply) {
                                     to->pass_on(std::move(request), std::move(reply));
                                   });
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Gateway::~Gateway() {
  impl_->previews.reset();
  impl_->close();
  impl_->media.reset();
}

void Gateway::run(RunHooks hooks) {
  hooks.on_counts = [this, told = std::move(hooks.on_counts)](const gateway::Counts& counts) {
    {
      const std::lock_guard lock(impl_->mutex);
      impl_->counts = counts;
    }
    if (told) told(counts);
  };
  hooks.on_removed = [this, told = std::move(hooks.on_removed)](const std::string& session) {
    if (impl_->has_media()) impl_->media_room().remove(session);
    if (told) told(session);
  };
  impl_->core->run(hooks);
  if (impl_->previews) impl_->previews->stop();
  impl_->close();
}

void Gateway::stop() {
  impl_->core->loop().post([this] { impl_->core->shut_down(); });
}

// --- looks ---

Result<std::vector<SessionInfo>> Gateway::sessions() const {
  return impl_->core->views().sessions();
}

Result<SessionInfo> Gateway::session(const std::string& name) const {
  return impl_->core->views().session(name);
}

Result<SessionInfo> Gateway::whole_session(const std::string& name) {
  return impl_->core->views().whole_session(name);
}

Result<std::vector<QueuedMessage>> Gateway::outbox(const std::string& session, std::size_t limit,
                                                   std::size_t offset) {
  return impl_->core->views().outbox(session, limit, offset);
}

Result<std::vector<DeliveryInfo>> Gateway::deliveries(const std::string& session,
                                                      const DeliveryFilter& filter) {
  return impl_->core->views().deliveries(session, filter);
}

Result<DeliveryInfo> Gateway::delivery(const std::string& session, std::int64_t id) {
  return impl_->core->views().delivery(session, id);
}

Result<WebhookTotals> Gateway::webhooks() {
  return impl_->core->views().webhook_totals();
}

Result<Found> Gateway::read_of(const std::string& session,
                               const std::function<Result<Found>(store::Database&, std::int64_t)>& look) {
  return impl_->core->views().read_of(session, look);
}

Result<Found> Gateway::read_any(const std::function<Result<Found>(store::Database&)>& look) {
  return impl_->core->views().read(look);
}

// --- calls ---

Result<SessionInfo> Gateway::create(const std::string& name, bool start, SessionConfig config) {
  return impl_->call_session([name, start, config = std::move(config)](Core& core, Reply<SessionInfo> reply) {
    core.create(name, start, config, std::move(reply));
  });
}

Result<SessionInfo> Gateway::update(const std::string& name, SessionConfig config) {
  return impl_->call_session([name, config = std::move(config)](Core& core, Reply<SessionInfo> reply) {
    core.update(name, config, std::move(reply));
  });
}

Result<Departure> Gateway::remove(const std::string& name, bool force) {
  return impl_->call<Departure>(impl_->call_deadline, [name, force](Core& core, Reply<Departure> reply) {
    core.remove(name, force, std::move(reply));
  });
}

Result<SessionInfo> Gateway::start(const std::string& name) {
  return impl_->call_session(
      [name](Core& core, Reply<SessionInfo> reply) { core.start(name, std::move(reply)); });
}

Result<SessionInfo> Gateway::stop_session(const std::string& name) {
  return impl_->call_session(
      [name](Core& core, Reply<SessionInfo> reply) { core.stop(name, std::move(reply)); });
}

Result<SessionInfo> Gateway::restart(const std::string& name) {
  return impl_->call_session(
      [name](Core& core, Reply<SessionInfo> reply) { core.restart(name, std::move(reply)); });
}

Result<SessionInfo> Gateway::logout(const std::string& name, bool force) {
  return impl_->call_session(
      [name, force](Core& core, Reply<SessionInfo> reply) { core.logout(name, force, std::move(reply)); });
}

Result<Qr> Gateway::qr(const std::string& name, Millis wait) {
  return impl_->call<Qr>(
      wait + kGrace, [name, wait](Core& core, Reply<Qr> reply) { core.qr(name, wait, std::move(reply)); });
}

Result<SentMessage> Gateway::send(SendRequest request) {
  auto call = std::make_shared<Call<SentMessage>>();
  const Millis patience =
      impl_->call_deadline + kGrace + kPageTime;  // behind a page that is fetched for another
  impl_->send(std::move(request), [call](Result<SentMessage> sent) { call->set(std::move(sent)); });
  return call->wait(patience);
}

void Gateway::send(SendRequest request, Reply<SentMessage> reply) {
  impl_->send(std::move(request), std::move(reply));
}

void Gateway::media(const std::string& session, engine::MessageRef message, Reply<FoundMedia> reply) {
  if (impl_->core->options().media.folder.empty())
    return reply(fail(Cause::unsupported, "no files of messages are kept here"));
  impl_->media_room().find(session, std::move(message), std::move(reply));
}

Status Gateway::cancel_message(const std::string& session, const std::string& id) {
  auto cancelled = impl_->call<bool>(impl_->call_deadline, [session, id](Core& core, Reply<bool> reply) {
    core.cancel_message(session, id, std::move(reply));
  });
  if (!cancelled) return cancelled.error();
  return {};
}

Result<Found> Gateway::ask(const std::string& session, Asking asking) {
  return impl_->call<Found>(impl_->call_deadline + kGrace,
                            [session, asking = std::move(asking)](Core& core, Reply<Found> reply) {
                              core.ask(session, asking, std::move(reply));
                            });
}

Result<Found> Gateway::work(Work task) {
  return impl_->call<Found>(impl_->call_deadline, [task = std::move(task)](Core& core, Reply<Found> reply) {
    core.work(task, std::move(reply));
  });
}

void Gateway::work(Work task, Reply<Found> reply) {
  impl_->begin<Found>(std::move(reply), [task = std::move(task)](Core& core, Reply<Found> done) {
    core.work(task, std::move(done));
  });
}

Result<DeliveryInfo> Gateway::replay(const std::string& session, std::int64_t id, const std::string& to_url) {
  return impl_->call<DeliveryInfo>(impl_->call_deadline,
                                   [session, id, to_url](Core& core, Reply<DeliveryInfo> reply) {
                                     core.replay(session, id, to_url, std::move(reply));
                                   });
}

Result<Replayed> Gateway::replay(const std::string& session, const ReplayRange& range) {
  return impl_->call<Replayed>(impl_->call_deadline, [session, range](Core& core, Reply<Replayed> reply) {
    core.replay(session, range, std::move(reply));
  });
}

EventFeed& Gateway::feed() {
  return impl_->core->feed();
}

std::shared_ptr<const EventFormat> Gateway::event_format() const {
  return impl_->core->options().event_format;
}

Result<std::unique_ptr<store::Database>> Gateway::open_reader() const {
  return store::Database::open_read_only(impl_->core->options().store_path);
}

void Gateway::begin_stream(Reply<std::int64_t> reply) {
  impl_->begin<std::int64_t>(
      std::move(reply), [](Core& core, Reply<std::int64_t> done) { core.begin_stream(std::move(done)); });
}

gateway::Counts Gateway::counts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counts;
}

StorageState Gateway::storage() const {
  return impl_->core->storage();
}

ClientVersionState Gateway::client_version() const {
  return impl_->core->client_version();
}

bool Gateway::responsive(Millis within) {
  const auto proved =
      impl_->call<bool>(within, [](Core& core, Reply<bool> reply) { core.prove(std::move(reply)); });
  return proved && *proved;
}

}  // namespace pigeond::gateway
