// Chatting: what sends a message. A kind is a struct of fields that says its content, and a row.
#include <algorithm>

#include "api/waha/sending.h"
#include "engine/messages/kinds/location.h"
#include "engine/messages/kinds/text.h"
#include "gateway/previews/links.h"

namespace pigeond::api::waha {
namespace {

struct SendText : SendFields {
  std::string text;
  std::vector<Mention> named;
  bool link_preview = true;
  static constexpr const char* kName = "SendText";
  static void describe(schema::Input<SendText>& is) {
    describe_to(is);
    is("text", &SendText::text).required().length(1, limits::kText);
    is("mentions", &SendText::named, kMention)
        .help("People who are named in the text, as @ and their number; [\"all\"]: everybody in a group.");
    is("linkPreview", &SendText::link_preview)
        .help(
            "The page of the first link is fetched for its title, unless [previews] or the session's "
            "configuration is against it. The text goes out in any case, some seconds later at most.");
    describe_rest(is);
  }
  std::string refusal() const {
    const bool all = std::ranges::any_of(named, [](const Mention& one) { return one.user.empty(); });
    return all && !to.is_group() ? "mentions: all is for groups; chatId is none" : "";
  }
  engine::Content says() {
    for (const auto& one : named) one.user.empty() ? void(mentions_all = true) : mentions.push_back(one.user);
    if (link_preview) link = gateway::first_link(text);
    return engine::text_content(text);
  }
};

struct SendLocation : SendFields {
  double latitude = 0, longitude = 0;
  std::string title;
  static constexpr const char* kName = "SendLocation";
  static void describe(schema::Input<SendLocation>& is) {
    describe_to(is);
    is("latitude", &SendLocation::latitude).required().range(-90, 90).help("Degrees north.");
    is("longitude", &SendLocation::longitude).required().range(-180, 180).help("Degrees east.");
    is("title", &SendLocation::title)
        .length(0, limits::kPlaceName)
        .help("What stands below the map; the place's name, say.");
    describe_rest(is);
  }
  engine::Content says() const { return engine::location_content(latitude, longitude, title); }
};

}  // namespace

Operations chatting_operations() {
  return {
      sending<SendText>("/api/sendText", "sendText", "Sends a text"),
      sending<SendLocation>("/api/sendLocation", "sendLocation", "Sends a place"),
  };
}

}  // namespace pigeond::api::waha
