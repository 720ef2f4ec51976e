#include "host/host.h"

#include <algorithm>
#include <utility>

#include "api/waha/config/session_config.h"
#include "outside/wire_link.h"
#include "store/sessions.h"

namespace pigeond::sim {
namespace {

constexpr Millis kStoragePause = 5 * kSecond;  // between starts of a process that can't read its disk
constexpr Millis kKeep = 7 * kDay;             // less than clocks are wrong at the worst
constexpr std::uint64_t kGather = 3;           // ms within which what comes in is taken in one turn

const char* name_of(Death::Point point) {
  switch (point) {
    case Death::Point::before_commit:
      return "before the commit";
    case Death::Point::in_commit:
      return "in the commit";
    case Death::Point::after_commit:
      return "after the commit";
    case Death::Point::between_effects:
      return "between two effects";
  }
  return "?";
}

}  // namespace

std::string describe(const Death& death) {
  return std::string(death.power ? "power cut " : "kill ") + name_of(death.point) + ", after " +
         std::to_string(death.ticks) + " ticks and " + std::to_string(death.count) + ", down for " +
         std::to_string(death.down);
}

class Host::Words final : public gateway::EventFormat {
 public:
  std::string format(const gateway::EventSession& session, const gateway::Event& event) const override {
    if (const auto* message = std::get_if<engine::MessageEvent>(&event.payload))
      return (message->unread == engine::Unread::no ? "message " : "waiting ") + message->id + kIn +
             chat(*message);
    if (const auto* ack = std::get_if<engine::AckEvent>(&event.payload))
      return "ack " + ack->id + " " + std::to_string(ack->ack) + kIn + chat(*ack);
    if (const auto* call = std::get_if<engine::CallEvent>(&event.payload))
      return "call " + call->id + " " + std::to_string(static_cast<int>(call->what)) + kIn + chat(*call);
    if (const auto* presence = std::get_if<engine::PresenceEvent>(&event.payload))
      return "presence " + std::to_string(static_cast<int>(presence->showing)) + kIn + chat(*presence);
    if (const auto* identity = std::get_if<engine::IdentityEvent>(&event.payload))
      return "identity " + identity->lid.text() + kIn + identity->pn.text();
    if (const auto* about = std::get_if<engine::AboutEvent>(&event.payload))
      return said(*about) + " for " + session.name + kIn + chat(about->by);
    if (const auto* group = std::get_if<engine::GroupEvent>(&event.payload))
      return "group " + std::to_string(static_cast<int>(group->what)) + kIn + group->group.text();
    if (const auto* part = std::get_if<engine::RawPartEvent>(&event.payload))
      return "part " + part->id + kIn + chat(*part);
    return "status " +
           std::string(gateway::status_word(std::get<gateway::StatusChange>(event.payload).status));
  }
  Headers headers(const gateway::RequestMark& mark) const override { return {{"Request-Id", mark.id}}; }

 private:
  static constexpr const char* kIn = " in ";  // what follows names the line that keeps its order
  static std::string said(const engine::AboutEvent& about) {
    static constexpr const char* kWhat[] = {"reaction", "edited", "revoked", "vote", "response"};
    std::string out = "about " + about.by.id + " " + kWhat[static_cast<std::size_t>(about.what)] + " " +
                      about.target.id + " '" + about.by.body;
    for (const auto& option : about.options) out += option;
    return out + (about.unread ? "' unread" : "'");
  }
  template <typename Told>
  static std::string chat(const Told& told) {
    return (told.chat_pn.empty() ? told.chat : told.chat_pn).text();
  }
};

Host::Host(const Environment& environment, std::string name, std::string path,
           std::vector<HostedSession> sessions)
    : environment_(environment),
      name_(std::move(name)),
      path_(std::move(path)),
      hosted_(std::move(sessions)),
      clock_(environment.timeline),
      receiver_(*this, environment.timeline, environment.random, environment.ledger),
      page_(*this, environment.timeline, environment.random, environment.policy),
      media_(*this, environment.timeline, environment.random, environment.media),
      stream_client_(*this, environment.timeline, environment.random, name_) {}

Host::~Host() {
  dead_ = true;
  environment_.disk.stop();
}

// The journal of every other process keeps little: what webhooks still need must stay all the same.
gateway::Options Host::options() const {
  gateway::Options out;
  out.store_path = path_;
  out.profile = environment_.profile;
  out.client_version.url = VersionPage::kUrl;
  out.read_config = api::waha::read_stored_config;
  out.event_format = std::make_shared<Words>();
  out.keep = kKeep;
  const bool keeps = (name_.back() - '0') % 2 == 0;
  out.keep_events = keeps ? kKeep : kMinute;
  out.most_events = keeps ? 0 : 1;
  if (!keeps) out.load_step = 1;
  return out;
}

// --- life and death ---

void Host::boot() {
  environment_.disk.start();
  dead_ = false;
  const std::uint64_t life = ++life_;
  auto opened = gateway::Core::open(options(), clock_, environment_.random, this);
  if (!opened) {
    note("can't open its database: " + opened.error().detail);
    environment_.timeline.after(kStoragePause, [this, life] {
      if (life == life_) boot();
    });
    return;
  }
  note("boots");
  core_ = std::move(*opened);
  gateway::RunHooks hooks;
  hooks.on_event = [this](const gateway::EventSession& session, const gateway::Event& event) {
    told(session, event);
  };
  core_->begin(hooks);
  open_streams();
  create_sessions();
  plan_turn(environment_.timeline.mono());
}

// In the process they have a thread and a connection of their own; here they read beside its own work.
void Host::open_streams() {
  streams_ = std::make_unique<gateway::EventStreams>(
      core_->loop(), core_->feed(), std::make_shared<Words>(),
      [this] { return std::make_unique<gateway::EventReader>(core_->database()); });
  core_->feed().follow([this] { post([this] { streams_->pump(); }); });
  stream_client_.follow(*core_, *streams_);
}

void Host::disarm() {
  death_.reset();
  effect_fuse_.reset();
  environment_.disk.put_out_fuse();
}

void Host::light_fuse() {
  const bool in_commit = death_->point == Death::Point::in_commit;
  if (in_commit || death_->point == Death::Point::before_commit) {
    environment_.disk.light_fuse(in_commit ? death_->count : 0);
  } else {
    effect_fuse_ = death_->point == Death::Point::between_effects ? death_->count : 0;
  }
}

bool Host::leaves(const std::string& what) {
  if (dead_ || environment_.disk.stopped()) return false;
  if (effect_fuse_ && (*effect_fuse_)-- == 0) {
    dead_ = true;
    environment_.disk.stop();
    return false;
  }
  ++effects_;
  note("  " + what);
  return true;
}

void Host::die() {
  dead_ = true;
  const Death how = death_.value_or(Death{});
  disarm();
  note("dies: " + describe(how));
  ++(how.power ? environment_.ledger.power_cuts : environment_.ledger.kills);
  if (how.power) {
    for (const auto& session : hosted_) environment_.network.vanish(session.name);
    environment_.disk.cut_power();
  } else {
    environment_.disk.stop();
  }
  down("dies");
  environment_.timeline.after(how.down, [this, life = life_] {
    if (life == life_) boot();
  });
}

void Host::update(Millis span) {
  if (!alive()) return;
  post([this, span] {
    note("is updated, down for " + std::to_string(span));
    ++environment_.ledger.updates;
    update_ = span;
    core_->shut_down();
  });
}

// All is told and closed; SQLite has its say too.
void Host::leave() {
  core_->finish();
  if (dead_ || environment_.disk.stopped()) return die();
  for (const auto& [call, text] : std::exchange(waiting_, {})) {
    ++environment_.ledger.texts[text].answers;
    environment_.ledger.texts[text].refused = fail(Cause::shutting_down);
  }
  down("leaves");
  environment_.timeline.after(update_.value_or(0), [this, life = life_] {
    if (life == life_) boot();
  });
}

void Host::down(const std::string& how) {
  stream_client_.forget();
  core_->feed().follow(nullptr);
  streams_.reset();
  core_.reset();
  ++life_;
  turn_at_.reset();
  update_.reset();
  waiting_.clear();
  receiver_.forget();
  page_.forget();
  media_.forget();
  for (const auto& [session, status] : std::exchange(statuses_, {}))
    environment_.ledger.statuses[session].push_back({environment_.timeline.now().wall, how});
}

// --- turns ---

void Host::plan_turn(Millis at) {
  if (turn_at_ && *turn_at_ <= at) return;
  turn_at_ = at;
  environment_.timeline.at(at, [this, at, life = life_] {
    if (life == life_ && turn_at_ == at) turn();
  });
}

void Host::post(std::function<void()> work) {
  if (!alive()) return;
  core_->loop().post(std::move(work));
  plan_turn(environment_.timeline.mono() + static_cast<Millis>(environment_.random.below(kGather)));
}

void Host::turn() {
  turn_at_.reset();
  if (death_ && death_->ticks == 0 && !effect_fuse_ && !environment_.disk.fuse_is_lit()) light_fuse();
  const std::uint64_t effects = effects_;
  const bool goes_on = core_->turn(environment_.timeline.mono());
  if (dead_ || environment_.disk.stopped()) return die();
  if (death_ && death_->ticks > 0 && effects_ != effects) --death_->ticks;
  if (!goes_on) return leave();
  if (const auto due = core_->loop().next_due()) plan_turn(std::max(*due, environment_.timeline.mono()));
}

std::unique_ptr<gateway::Link> Host::make_link(const std::string& session,
                                               gateway::Link::Callbacks callbacks) {
  return std::make_unique<WireLink>(*this, environment_.network, session, std::move(callbacks));
}

// --- what it tells ---

void Host::told(const gateway::EventSession& session, const gateway::Event& event) {
  if (const auto* ack = std::get_if<engine::AckEvent>(&event.payload);
      ack != nullptr && ack->from_me && !dead_ && !environment_.disk.stopped())
    environment_.ledger.acks[session.name][ack->id].push_back(ack->ack);
  const auto* change = std::get_if<gateway::StatusChange>(&event.payload);
  if (change == nullptr || !leaves(session.name + " is " + std::string(gateway::status_word(change->status)) +
                                   (change->cause ? ": " + change->cause->detail : "")))
    return;
  set_status(session.name, change->status);
  if (change->status == gateway::SessionStatus::failed) ++environment_.ledger.failed_sessions;
  if (change->status == gateway::SessionStatus::pairing) show_code(session.name);
}

void Host::set_status(const std::string& session, gateway::SessionStatus status) {
  statuses_[session] = status;
  environment_.ledger.statuses[session].push_back(
      {environment_.timeline.now().wall, std::string(gateway::status_word(status))});
}

void Host::show_code(const std::string& session) {
  post([this, session] {
    core_->qr(session, kSecond, [this, session](const Result<gateway::Qr>& code) {
      if (code && leaves(session + " shows a code")) environment_.shown(session, code->text);
    });
  });
}

// --- for looking at it ---

bool Host::stores() const {
  return alive() && !core_->storage().failure;
}

bool Host::online(const std::string& session) const {
  const auto found = statuses_.find(session);
  return found != statuses_.end() && found->second == gateway::SessionStatus::working;
}

std::string Host::status(const std::string& session) const {
  const auto found = statuses_.find(session);
  return found == statuses_.end() ? "" : std::string(gateway::status_word(found->second));
}

std::optional<std::int64_t> Host::session_id(const std::string& session) {
  const auto row = store::SessionTable(core_->database()).find(session);
  return row ? std::optional(row->id) : std::nullopt;
}

std::string Host::condition() const {
  if (!alive()) return name_ + " is down";
  std::string out;
  for (const auto& [session, status] : statuses_)
    out += session + " is " + std::string(gateway::status_word(status)) + "; ";
  return out;
}

}  // namespace pigeond::sim
