// Stanzas over whose missing answer the service ended the stream, <stream:error><ack class
// id/></stream:error>: it delivers them again, and then an answer of the usual kind has failed before. So
// they get a plain ack as well.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "wire/node.h"

namespace pigeond::engine {

class Owed {
 public:
  static constexpr std::size_t kMost = 16;  // the newest; the service names one at a time

  void named(const std::string& stanza_class, const std::string& id) {
    if (stanza_class.empty() || id.empty()) return;
    const std::pair<std::string, std::string> stanza(stanza_class, id);
    if (std::find(stanzas_.begin(), stanzas_.end(), stanza) != stanzas_.end()) return;
    stanzas_.push_back(stanza);
    if (stanzas_.size() > kMost) stanzas_.pop_front();
  }

  // True, once, for one that was named.
  bool settles(const wire::Node& stanza) {
    if (stanzas_.empty()) return false;
    return std::erase(stanzas_, std::pair(stanza.tag, stanza.attr("id"))) != 0;
  }

 private:
  std::deque<std::pair<std::string, std::string>> stanzas_;
};

}  // namespace pigeond::engine
