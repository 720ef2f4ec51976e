// The links between engines and the simulated service: byte pipes that delay, split, lose, freeze and cut,
// and never reorder within one connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "sandbox/service.h"
#include "timeline.h"

namespace pigeond::sim {

using LinkId = std::uint64_t;

class Network {
 public:
  // What a link tells the client; nothing after down, close or vanish.
  struct Client {
    std::function<void()> up;
    std::function<void(Bytes)> bytes;
    std::function<void(const Error&)> down;
  };

  Network(Timeline& timeline, sandbox::Service& service, Random& random)
      : timeline_(timeline), service_(service), random_(random) {}

  // --- the client's side ---
  LinkId connect(const std::string& who, Client client);
  void write(LinkId link, const Bytes& bytes);
  void close(LinkId link);              // what was written still arrives
  void vanish(const std::string& who);  // the machine is gone, and says nothing

  // --- what goes wrong ---
  void cut(const std::string& who);     // both sides learn it, one of them much later
  void freeze(const std::string& who);  // nobody learns it
  void set_slowness(Millis most) { slowness_ = most; }
  void restart_server(Millis down);  // every link breaks, and none is taken for so long
  void heal();
  bool has_link(const std::string& who) const;  // that its client holds

  // --- the service's side: after every call of it ---
  void pump();

 private:
  struct Link {
    std::string who;
    Client client;
    bool client_listens = true;
    bool frozen = false;
    std::optional<sandbox::ConnectionId> connection;  // while the service has it
    Millis to_server = 0, to_client = 0;              // when the last piece arrives
    Millis lost_to_server = 0, lost_to_client = 0;    // pieces that arrive from then on are lost; 0: none
  };

  Millis delay();
  Millis slot(Millis& last) { return last = std::max(last, timeline_.mono() + delay()); }
  Link* find(LinkId id);
  void opened(LinkId id);
  void apply(const sandbox::Effect& effect);
  void tell_down(LinkId id, const std::string& why);
  void server_learns(LinkId id, Millis when);
  void break_link(LinkId id, bool quick);
  void wake_service();

  Timeline& timeline_;
  sandbox::Service& service_;
  Random& random_;
  LinkId next_ = 1;
  std::map<LinkId, Link> links_;
  std::map<sandbox::ConnectionId, LinkId> by_connection_;
  Millis slowness_ = 0;
  Millis server_back_ = 0;
  std::optional<Millis> wake_at_;
};

}  // namespace pigeond::sim
