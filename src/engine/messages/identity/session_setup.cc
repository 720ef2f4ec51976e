#include "engine/messages/identity/session_setup.h"

#include "base/log.h"
#include "engine/messages/identity/key_bundles.h"
#include "engine/messages/identity/vouching.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kChunk = 50;  // devices a query, as whatsapp-rust asks
constexpr int kNotRegistered = 406;

}  // namespace

struct SessionSetup::Round {
  Existing existing = Existing::keep;
  std::size_t open = 0;
  bool answered = false;
  Status failure;
  std::function<void(Status)> done;

  void close_one() {
    if (--open == 0) done(answered ? Status() : failure);
  }
};

void SessionSetup::fetch(std::vector<wire::Jid> devices, Existing existing,
                         std::function<void(Status)> done) {
  if (devices.empty()) return done(Status());
  auto round = std::make_shared<Round>();
  round->existing = existing;
  round->done = std::move(done);
  ++round->open;  // held while asking: an answer may come at once
  for (std::size_t at = 0; at < devices.size(); at += kChunk) {
    const auto first = devices.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(kChunk, devices.size() - at);
    ask({first, first + static_cast<std::ptrdiff_t>(count)}, round);
  }
  round->close_one();
}

void SessionSetup::ask(std::vector<wire::Jid> devices, std::shared_ptr<Round> round) {
  wire::Node key("key");
  for (const auto& device : devices) {
    wire::Node user("user");
    user.set("jid", device);
    if (round->existing != Existing::keep) user.set("reason", "identity");
    key.add(std::move(user));
  }
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "encrypt");
  iq.add(std::move(key));
  ++round->open;
  desk_.query(std::move(iq), [this, devices = std::move(devices), round](Result<wire::Node> answer) {
    if (answer) {
      round->answered = true;
      take(*answer, *round);
    } else if (answer.error().code == kNotRegistered && devices.size() > 1) {
      for (const auto& device : devices) ask({device}, round);
    } else if (answer.error().code == kNotRegistered) {
      round->answered = true;
      desk_.devices.drop(devices.front());
    } else {
      round->failure = answer.error();
    }
    round->close_one();
  });
}

void SessionSetup::take(const wire::Node& answer, const Round& round) {
  const auto* list = answer.child("list");
  if (list == nullptr) return;
  list->each("user", [&](const wire::Node& user) {
    const auto device = user.jid("jid");
    if (!device || (round.existing == Existing::keep && desk_.ciphers.has_session(*device))) return;
    auto bundle = parse_bundle(user);
    Status started =
        bundle ? vouched(desk_, *device, keys_of(user), bundle->identity) : Status(bundle.error());
    if (started) {
      if (round.existing == Existing::replace) desk_.ciphers.forget(*device);
      started = desk_.ciphers.start(*device, *bundle);
    }
    if (started) return;
    if (started.cause() == Cause::ack_error) desk_.devices.drop(*device);
    log::warning("no_session", {{"session", desk_.context.session_name},
                                {"device", device->text()},
                                {"cause", std::string(cause_name(started.cause()))},
                                {"detail", started.error().detail}});
  });
}

}  // namespace pigeond::engine
