// What of the account's privacy settings this device has to obey. They are asked for when they are first
// needed on a link, and kept up by what the service tells of changes.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "wire/node.h"

namespace pigeond::engine {

struct Desk;

class Privacy {
 public:
  explicit Privacy(Desk& desk) : desk_(desk) {}

  // Whether people may learn that their messages were read. An error of the question: ack_error, link_lost,
  // timed_out, malformed.
  void shows_reads(std::function<void(Result<bool>)> answered);
  // <notification type="account_sync"><privacy>. False: it is none.
  bool take(const wire::Node& notification);
  // The settings, or some of them: <privacy>.
  void learn(const wire::Node& privacy);
  void offline() { shows_reads_.reset(); }

 private:
  void answer(const Result<bool>& shows);

  Desk& desk_;
  std::optional<bool> shows_reads_;
  std::vector<std::function<void(Result<bool>)>> waiting_;  // for one answer
};

}  // namespace pigeond::engine
