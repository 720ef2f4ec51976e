#include "engine/questions/own/privacy_settings.h"

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kCategories = 64;
constexpr std::size_t kWord = 64;  // bytes

wire::Node request(const char* type, wire::Node privacy) {
  wire::Node iq("iq");
  return iq.set("to", wire::service()).set("type", type).set("xmlns", "privacy").add(std::move(privacy));
}

// <privacy><category name value/>…</privacy>; one with an error has no value.
Result<PrivacySettings> read_settings(const wire::Node& answer) {
  const auto* privacy = answer.child("privacy");
  if (privacy == nullptr) return fail(Cause::malformed, "privacy settings without any");
  PrivacySettings settings;
  privacy->each("category", [&](const wire::Node& category) {
    std::string name = category.attr("name"), value = category.attr("value");
    const bool good = !name.empty() && !value.empty() && name.size() <= kWord && value.size() <= kWord &&
                      is_valid_utf8(name) && is_valid_utf8(value);
    if (good && settings.size() < kCategories) settings[std::move(name)] = std::move(value);
  });
  return settings;
}

}  // namespace

void ask_privacy_settings(Desk& desk, Answered<PrivacySettings> answered) {
  desk.query(request("get", wire::Node("privacy")),
             [&desk, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(answer.error());
               if (const auto* privacy = answer->child("privacy")) desk.privacy.learn(*privacy);
               answered(read_settings(*answer));
             });
}

void set_privacy(Desk& desk, std::vector<std::pair<std::string, std::string>> settings,
                 Answered<PrivacySettings> answered) {
  if (settings.empty()) return ask_privacy_settings(desk, std::move(answered));
  wire::Node category("category"), privacy("privacy");
  category.set("name", settings.front().first).set("value", settings.front().second);
  privacy.add(std::move(category));
  settings.erase(settings.begin());
  desk.query(request("set", std::move(privacy)),
             [&desk, settings = std::move(settings),
              answered = std::move(answered)](const Result<wire::Node>& answer) mutable {
               if (!answer) return answered(answer.error());
               set_privacy(desk, std::move(settings), std::move(answered));
             });
}

}  // namespace pigeond::engine
