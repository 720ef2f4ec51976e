#include "outside/wire_link.h"

#include <utility>

namespace pigeond::sim {

void WireLink::later(LinkId link, std::function<void()> work) {
  outlet_.post([this, link, life = std::weak_ptr<char>(life_), work = std::move(work)] {
    if (!life.expired() && id_ == link) work();
  });
}

void WireLink::connect(net::ProxyRef) {
  drop();
  if (!outlet_.leaves(session_ + " connects")) return;
  Network::Client client;
  const auto id = std::make_shared<LinkId>(0);
  const std::weak_ptr<char> life = life_;
  client.up = [this, life, id] {
    if (!life.expired()) later(*id, [this] { callbacks_.on_up(); });
  };
  client.bytes = [this, life, id](Bytes bytes) {
    if (!life.expired()) later(*id, [this, bytes = std::move(bytes)] { callbacks_.on_message(bytes); });
  };
  client.down = [this, life, id](const Error& why) {
    if (life.expired()) return;
    later(*id, [this, why] {
      id_.reset();
      callbacks_.on_down(why);
    });
  };
  id_ = *id = network_.connect(session_, std::move(client));
}

void WireLink::write(std::span<const Bytes> messages) {
  for (const auto& message : messages) {
    if (!id_ || !outlet_.leaves(session_ + " writes " + std::to_string(message.size()))) return;
    network_.write(*id_, message);
  }
}

void WireLink::disconnect() {
  if (!id_ || !outlet_.leaves(session_ + " disconnects")) return;
  drop();
}

void WireLink::drop() {
  if (id_) network_.close(*std::exchange(id_, std::nullopt));
}

}  // namespace pigeond::sim
