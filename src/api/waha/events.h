// Events as WAHA tells them: an envelope around a WAMessage, an acknowledgement or a session's status.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/media_links.h"
#include "gateway/events/event.h"

namespace pigeond::api::waha {

class Events final : public gateway::EventFormat {
 public:
  // `links` nullptr: files of messages have no address.
  explicit Events(std::shared_ptr<const MediaLinks> links = nullptr) : links_(std::move(links)) {}
  std::string format(const gateway::EventSession& session, const gateway::Event& event) const override;
  Headers headers(const gateway::RequestMark& mark) const override;
  bool is_own_header(std::string_view name) const override;

 private:
  const std::shared_ptr<const MediaLinks> links_;
};

}  // namespace pigeond::api::waha
