// What the service answers about people, and what it tells of them: any node is taken for an answer to each
// question, and for a stanza. What comes of it is bounded, and fit to be shown.
#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "engine/chat.h"
#include "engine/messages/desk.h"
#include "engine/questions/number.h"
#include "engine/questions/own/disappearing_mode.h"
#include "engine/questions/own/privacy_settings.h"
#include "engine/questions/people/blocklist.h"
#include "engine/questions/people/business_profile.h"
#include "engine/questions/presence.h"
#include "store/sessions.h"
#include "wire/codec.h"

namespace pigeond {
namespace {

// Answers each question with the same node.
class Parrot final : public engine::Stanzas {
 public:
  bool online() const override { return true; }
  void send(const wire::Node&) override {}
  void query(wire::Node, engine::IqCallback callback) override { callback(answer); }
  std::string next_id() override { return "1"; }
  void give_up_link(const Error&) override {}
  wire::Node answer{"iq"};
};

void require(bool holds) {
  if (!holds) std::abort();
}

struct World {
  World() {
    database->begin();
    store::SessionRow row;
    row.name = "default";
    session = store::SessionTable(*database).create(row);
    credentials.pn = wire::pn("4911000", 7);
    credentials.lid = wire::lid("9911000", 7);
    context = std::make_unique<engine::Context>(engine::Context{
        {1000, 1700000000000}, random, *database, session, "default", profile, credentials, {}, {}});
    chat = std::make_unique<engine::Chat>(*context, parrot);
    chat->online();
    context->effects.clear();
    require(database->commit().ok());
    database->begin();
  }
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  SeededRandom random{1};
  std::int64_t session = 0;
  engine::ClientProfile profile;
  store::Credentials credentials;
  Parrot parrot;
  std::unique_ptr<engine::Context> context;
  std::unique_ptr<engine::Chat> chat;
};

void ask_all(engine::Desk& desk) {
  engine::ask_numbers(
      desk, {"4922000", "4933000"}, true,
      [](const Result<std::vector<engine::Number>>& told) { require(!told || told->size() == 2); });
  engine::ask_blocklist(desk, [](const Result<std::vector<engine::Blocked>>& told) {
    if (told)
      for (const auto& each : *told) require(each.shown.is_user());
  });
  engine::ask_privacy_settings(desk, [](const Result<engine::PrivacySettings>& told) {
    if (!told) return;
    require(told->size() <= 64);
    for (const auto& [name, value] : *told) require(is_valid_utf8(name) && is_valid_utf8(value));
  });
  engine::ask_business_profile(desk, wire::pn("4922000"),
                               [](const Result<std::optional<engine::BusinessProfile>>& told) {
                                 if (!told || !*told) return;
                                 require(is_valid_utf8((*told)->description) &&
                                         (*told)->websites.size() <= 64 && (*told)->hours.size() <= 64);
                               });
  engine::ask_disappearing_mode(desk, [](const Result<engine::DisappearingMode>& told) {
    require(!told || (told->seconds >= 0 && told->since >= 0));
  });
}

}  // namespace
}  // namespace pigeond

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  static World world;
  auto node = wire::decode({data, size});
  if (!node) return 0;
  world.parrot.answer = *node;
  ask_all(world.chat->desk());
  for (const char* tag : {"presence", "chatstate"}) {
    node->tag = tag;
    world.chat->handle(*node);
  }
  for (const auto& effect : std::exchange(world.context->effects, {}))
    if (const auto* told = std::get_if<engine::PresenceEvent>(&effect)) require(told->who.is_user());
  engine::list_presences(world.chat->desk(),
                         [](const Result<std::vector<engine::Watched>>& all) { require(all->empty()); });
  world.database->rollback();
  world.database->begin();
  world.chat->forget();
  return 0;
}
