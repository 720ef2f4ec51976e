// Events as WAHA tells them: an envelope around a WAMessage, an acknowledgement or a session's status.
#pragma once

#include <string>
#include <string_view>

#include "gateway/events/event.h"

namespace pigeond::api::waha {

class Events final : public gateway::EventFormat {
 public:
  std::string format(const gateway::EventSession& session, const gateway::Event& event) const override;
  Headers headers(const gateway::RequestMark& mark) const override;
  bool is_own_header(std::string_view name) const override;
};

}  // namespace pigeond::api::waha
