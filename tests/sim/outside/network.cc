#include "outside/network.h"

#include <algorithm>
#include <variant>

namespace pigeond::sim {
namespace {

constexpr Millis kUsual = 60;                // ms one way, at most
constexpr std::uint64_t kStall = 40;         // one piece in so many is late
constexpr Millis kStalled = 3000;            // by at most that
constexpr std::uint64_t kSplit = 6;          // one message in so many comes in pieces
constexpr Millis kUnnoticed = 10 * kMinute;  // until the server gives up a client that is gone

}  // namespace

Millis Network::delay() {
  Millis out = 1 + static_cast<Millis>(random_.below(kUsual));
  if (random_.below(kStall) == 0) out += static_cast<Millis>(random_.below(kStalled));
  if (slowness_ > 0) out += static_cast<Millis>(random_.below(static_cast<std::uint64_t>(slowness_)));
  return out;
}

Network::Link* Network::find(LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

// --- the client's side ---

LinkId Network::connect(const std::string& who, Client client) {
  const LinkId id = next_++;
  Link& link = links_[id];
  link.who = who;
  link.client = std::move(client);
  timeline_.at(slot(link.to_server), [this, id] { opened(id); });
  return id;
}

void Network::opened(LinkId id) {
  Link* link = find(id);
  if (link == nullptr || !link->client_listens) return;
  if (timeline_.mono() < server_back_) return tell_down(id, "connection refused");
  link->connection = service_.open(timeline_.now());
  by_connection_[*link->connection] = id;
  timeline_.note(link->who, "link " + std::to_string(id) + " opens");
  timeline_.at(slot(link->to_client), [this, id] {
    Link* there = find(id);
    if (there != nullptr && there->client_listens && !there->frozen) there->client.up();
  });
  pump();
}

void Network::write(LinkId id, const Bytes& bytes) {
  Link* link = find(id);
  if (link == nullptr) return;
  timeline_.history().mix(bytes);
  std::size_t start = 0;
  while (start < bytes.size()) {
    std::size_t count = bytes.size() - start;
    if (random_.below(kSplit) == 0) count = 1 + static_cast<std::size_t>(random_.below(count));
    Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(start),
                bytes.begin() + static_cast<std::ptrdiff_t>(start + count));
    start += count;
    timeline_.at(slot(link->to_server), [this, id, piece = std::move(piece)] {
      Link* there = find(id);
      if (there == nullptr || !there->connection || there->frozen) return;
      if (there->lost_to_server > 0 && timeline_.mono() >= there->lost_to_server) return;
      service_.receive(timeline_.now(), *there->connection, piece);
      pump();
    });
  }
}

void Network::close(LinkId id) {
  Link* link = find(id);
  if (link == nullptr) return;
  link->client_listens = false;
  if (!link->frozen) server_learns(id, slot(link->to_server));
}

void Network::vanish(const std::string& who) {
  for (auto& [id, link] : links_) {
    if (link.who != who || !link.client_listens) continue;
    link.client_listens = false;
    link.frozen = true;
    server_learns(id, timeline_.mono() + kUnnoticed);
  }
}

void Network::server_learns(LinkId id, Millis when) {
  timeline_.at(when, [this, id] {
    Link* link = find(id);
    if (link == nullptr) return;
    if (const auto connection = std::exchange(link->connection, std::nullopt)) {
      by_connection_.erase(*connection);
      service_.closed(timeline_.now(), *connection);
      pump();
    }
    if (!link->client_listens) links_.erase(id);
  });
}

void Network::tell_down(LinkId id, const std::string& why) {
  Link* link = find(id);
  if (link == nullptr || link->frozen || !std::exchange(link->client_listens, false)) return;
  timeline_.note(link->who, "link " + std::to_string(id) + " is down: " + why);
  link->client.down(fail(Cause::link_lost, why));
}

// --- what goes wrong ---

void Network::break_link(LinkId id, bool quick) {
  Link* link = find(id);
  if (link == nullptr) return;
  const Millis mono = timeline_.mono();
  // What is under way arrives in part.
  link->lost_to_server = mono + static_cast<Millis>(random_.below(2 * kUsual));
  link->lost_to_client = mono + static_cast<Millis>(random_.below(2 * kUsual));
  const Millis late = quick ? 1 : static_cast<Millis>(random_.below(kMinute));
  const bool server_first = random_.below(2) == 0;
  const Millis server = mono + (server_first ? 1 : late), client = mono + (server_first ? late : 1);
  timeline_.at(client, [this, id] { tell_down(id, "reset by peer"); });
  server_learns(id, server);
}

void Network::cut(const std::string& who) {
  for (auto& [id, link] : links_) {
    if (link.who != who || !link.client_listens || link.frozen || link.lost_to_server > 0) continue;
    timeline_.note(who, "link " + std::to_string(id) + " is cut");
    break_link(id, false);
  }
}

void Network::freeze(const std::string& who) {
  for (auto& [id, link] : links_) {
    if (link.who != who || !link.client_listens || link.frozen) continue;
    timeline_.note(who, "link " + std::to_string(id) + " freezes");
    link.frozen = true;
    server_learns(id, timeline_.mono() + kUnnoticed);
  }
}

void Network::restart_server(Millis down) {
  timeline_.note("server", "restarts, down for " + std::to_string(down));
  server_back_ = timeline_.mono() + down;
  for (auto& [id, link] : links_)
    if (link.connection) break_link(id, true);
}

bool Network::has_link(const std::string& who) const {
  for (const auto& [id, link] : links_)
    if (link.who == who && link.client_listens) return true;
  return false;
}

void Network::heal() {
  slowness_ = 0;
  server_back_ = 0;
}

// --- the service's side ---

void Network::pump() {
  for (auto effects = service_.take_effects(); !effects.empty(); effects = service_.take_effects())
    for (const auto& effect : effects) apply(effect);
  wake_service();
}

void Network::apply(const sandbox::Effect& effect) {
  if (const auto* write = std::get_if<sandbox::Write>(&effect)) {
    const auto found = by_connection_.find(write->connection);
    if (found == by_connection_.end()) return;
    const LinkId id = found->second;
    timeline_.at(slot(links_.at(id).to_client), [this, id, bytes = write->bytes] {
      Link* link = find(id);
      if (link == nullptr || !link->client_listens || link->frozen) return;
      if (link->lost_to_client > 0 && timeline_.mono() >= link->lost_to_client) return;
      link->client.bytes(bytes);
    });
    return;
  }
  const auto& end = std::get<sandbox::Close>(effect);
  const auto found = by_connection_.find(end.connection);
  if (found == by_connection_.end()) return;
  const LinkId id = found->second;
  by_connection_.erase(found);
  Link& link = links_.at(id);
  link.connection.reset();
  if (end.cut) link.lost_to_client = timeline_.mono() + static_cast<Millis>(random_.below(kUsual));
  timeline_.at(slot(link.to_client), [this, id] {
    tell_down(id, "closed by the server");
    if (Link* there = find(id); there != nullptr && !there->frozen) links_.erase(id);
  });
}

void Network::wake_service() {
  const auto next = service_.next_wake();
  if (!next || (wake_at_ && *wake_at_ <= *next)) return;
  wake_at_ = *next;
  timeline_.at(*next, [this, planned = *next] {
    if (wake_at_ == planned) wake_at_.reset();
    service_.wake(timeline_.now());
    pump();
  });
}

}  // namespace pigeond::sim
