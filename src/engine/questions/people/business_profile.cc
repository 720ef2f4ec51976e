#include "engine/questions/people/business_profile.h"

#include <utility>

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kText = 4096;  // bytes of one part
constexpr std::size_t kParts = 64;   // of one kind
constexpr const char* kVersion = "244";

std::string shown(std::string text) {
  return text.size() <= kText && is_valid_utf8(text) ? text : std::string();
}

std::string part(const wire::Node& profile, const char* name) {
  const auto* node = profile.child(name);
  return node == nullptr ? std::string() : shown(node->text());
}

std::vector<std::string> parts(const wire::Node& parent, const char* name) {
  std::vector<std::string> out;
  parent.each(name, [&](const wire::Node& node) {
    if (auto text = shown(node.text()); !text.empty() && out.size() < kParts) out.push_back(std::move(text));
  });
  return out;
}

std::optional<int> minutes(const wire::Node& hours, const char* name) {
  const auto number = hours.number(name);
  if (!number || *number > 24 * 60) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<BusinessProfile> read_profile(const wire::Node& answer) {
  const auto* profile = answer.path({"business_profile", "profile"});
  if (profile == nullptr || profile->children().empty()) return std::nullopt;
  BusinessProfile out;
  out.description = part(*profile, "description");
  out.address = part(*profile, "address");
  out.email = part(*profile, "email");
  out.websites = parts(*profile, "website");
  if (const auto* categories = profile->child("categories")) out.categories = parts(*categories, "category");
  const auto* hours = profile->child("business_hours");
  if (hours == nullptr) return out;
  out.timezone = shown(hours->attr("timezone"));
  hours->each("business_hours_config", [&](const wire::Node& day) {
    if (out.hours.size() < kParts)
      out.hours.push_back({shown(day.attr("day_of_week")), shown(day.attr("mode")), minutes(day, "open_time"),
                           minutes(day, "close_time")});
  });
  return out;
}

}  // namespace

// <iq xmlns="w:biz" type="get"><business_profile v="244"><profile jid/></business_profile></iq>, as
// whatsmeow's GetBusinessProfile and Baileys' getBusinessProfile ask.
void ask_business_profile(Desk& desk, const wire::Jid& user,
                          Answered<std::optional<BusinessProfile>> answered) {
  wire::Node profile("profile"), profiles("business_profile"), iq("iq");
  profile.set("jid", desk.dialled.account(user.without_device()));
  profiles.set("v", kVersion).add(std::move(profile));
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "w:biz").add(std::move(profiles));
  desk.query(std::move(iq), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    if (!answer) return answered(answer.error());
    answered(read_profile(*answer));
  });
}

}  // namespace pigeond::engine
