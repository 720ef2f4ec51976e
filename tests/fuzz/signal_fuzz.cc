// Messages and keys from peers, at a device in the middle of a conversation: nothing but an error may come of
// them, and a session that was not meant goes on.
#include <cstdlib>

#include "signal/group.h"
#include "unit/signal/peers.h"

namespace {

using namespace pigeond;
using namespace pigeond::signal;

const std::string kGroup = "1@g.us";

struct World {
  Peer alice{"111", 1};
  Peer bob{"222", 2};

  World() {
    if (!alice.sessions.start(bob.address, bob.bundle(3))) std::abort();
    if (hear(bob, alice, say(alice, bob, "x")) != "x") std::abort();
    GroupSessions from(alice.store, alice.random);
    GroupSessions to(bob.store, bob.random);
    if (!to.process(kGroup, alice.address, from.distribution(kGroup, alice.address).value())) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World start;
  if (size == 0) return 0;
  MemoryStore store = start.bob.store;
  SeededRandom random(3);
  Sessions sessions(store, random);
  GroupSessions groups(store, random);
  const ByteView input(data + 1, size - 1);
  const Address& peer = start.alice.address;
  switch (data[0] % 4) {
    case 0:
      (void)sessions.decrypt(peer, Kind::msg, input);
      break;
    case 1:
      (void)sessions.decrypt(peer, Kind::pkmsg, input);
      break;
    case 2:
      (void)groups.decrypt(kGroup, peer, input);
      break;
    default:
      (void)groups.process(kGroup, peer, input);
      (void)groups.distribution(kGroup, peer);
      break;
  }
  if (!sessions.encrypt(peer, as_bytes("still there"))) std::abort();
  return 0;
}
