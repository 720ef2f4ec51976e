// Who calls: what the key of a request may do.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pigeond::api {

// What a row asks of a key. `admin` may do everything; the others say nothing of each other.
enum class Scope {
  any,      // whatever key
  read,     // look at sessions, chats, messages, deliveries
  media,    // files of messages alone
  send,     // send messages, and take back what waits
  control,  // make, link, configure, start, stop and log out sessions; replay events
  admin,    // remove sessions; keys
};

inline constexpr std::pair<std::string_view, Scope> kScopeNames[] = {
    {"admin", Scope::admin},
    {"send", Scope::send},
    {"read", Scope::read},
    {"media", Scope::media},
    {"control", Scope::control}};

std::string_view scope_name(Scope scope);

struct Caller {
  std::string id;    // of the key; "configured" for the one of the configuration
  std::string name;  // that people gave it
  std::vector<Scope> scopes;
  std::vector<std::string> sessions;  // that it is good for; empty: all

  bool has(Scope scope) const {
    const auto is = [scope](Scope own) {
      return own == Scope::admin || own == scope || (scope == Scope::media && own == Scope::read);
    };
    return scope == Scope::any || std::ranges::any_of(scopes, is);
  }
  bool sees(std::string_view session) const {
    return sessions.empty() || std::ranges::find(sessions, session) != sessions.end();
  }
};

}  // namespace pigeond::api
