// Who is told that something about one user has changed of which others keep what they computed: the list of
// his devices, or what these hold of our keys. By the user, and not as a count of all changes: what is kept
// about a thousand people must not be thrown away whenever a stranger's devices become known.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "wire/jid.h"

namespace pigeond::engine {

class UserChanges {
 public:
  // By either form of the address, without device. Called after the change; it must not change anything.
  using Heard = std::function<void(const wire::Jid& user)>;

  // As long as somebody holds what it returns.
  [[nodiscard]] std::shared_ptr<const Heard> hear(Heard heard) {
    auto kept = std::make_shared<const Heard>(std::move(heard));
    std::erase_if(all_, [](const auto& each) { return each.expired(); });
    all_.push_back(kept);
    return kept;
  }
  void tell(const wire::Jid& user) const {
    for (const auto& each : all_)
      if (const auto heard = each.lock()) (*heard)(user);
  }

 private:
  std::vector<std::weak_ptr<const Heard>> all_;
};

}  // namespace pigeond::engine
