// Events as WAHA tells them: an envelope around a WAMessage, an acknowledgement or a session's status.
#pragma once

#include <string>

#include "gateway/events.h"

namespace pigeond::api::waha {

class Events final : public gateway::EventFormat {
 public:
  explicit Events(std::string version) : version_(std::move(version)) {}
  std::string format(const gateway::EventSession& session, const gateway::Event& event) override;

 private:
  std::string version_;  // of this program
};

}  // namespace pigeond::api::waha
