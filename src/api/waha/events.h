// Events as WAHA tells them: an envelope around a WAMessage, an acknowledgement or a session's status.
#pragma once

#include <string>

#include "gateway/events/event.h"

namespace pigeond::api::waha {

class Events final : public gateway::EventFormat {
 public:
  std::string format(const gateway::EventSession& session, const gateway::Event& event) const override;
};

}  // namespace pigeond::api::waha
