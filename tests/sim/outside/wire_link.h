// A session's connection over the simulated network.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/link.h"
#include "host/outlet.h"
#include "outside/network.h"

namespace pigeond::sim {

class WireLink final : public gateway::Link {
 public:
  WireLink(Outlet& outlet, Network& network, std::string session, Callbacks callbacks)
      : outlet_(outlet), network_(network), session_(std::move(session)), callbacks_(std::move(callbacks)) {}
  ~WireLink() override { drop(); }

  void connect(net::ProxyRef proxy) override;
  void write(std::span<const Bytes> messages) override;
  void disconnect() override;
  void drop() override;
  bool exists() const override { return id_.has_value(); }

 private:
  // Hands what the network tells to the loop, if by then it is still about this connection.
  void later(LinkId link, std::function<void()> work);

  Outlet& outlet_;
  Network& network_;
  const std::string session_;
  Callbacks callbacks_;
  std::optional<LinkId> id_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::sim
