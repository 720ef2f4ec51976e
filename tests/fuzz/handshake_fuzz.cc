// Both sides of the handshake, and the certificate check, against arbitrary frames: errors, never more.
#include <cstdlib>

#include "wire/certificate.h"
#include "wire/noise.h"

namespace {

using pigeond::wire::NoiseClient;
using pigeond::wire::NoiseServer;

struct World {
  pigeond::SeededRandom random{1};
  pigeond::crypto::KeyPair client_ephemeral = pigeond::crypto::generate_key_pair(random);
  pigeond::crypto::KeyPair client_identity = pigeond::crypto::generate_key_pair(random);
  pigeond::crypto::KeyPair server_ephemeral = pigeond::crypto::generate_key_pair(random);
  pigeond::crypto::KeyPair server_identity = pigeond::crypto::generate_key_pair(random);
  NoiseClient client{client_ephemeral, client_identity};
  NoiseServer server{server_ephemeral, server_identity, pigeond::to_bytes("chain")};
  NoiseServer half_way = server;  // has answered the client's hello
  pigeond::wire::Transport transport{client_ephemeral.pub, server_ephemeral.pub};

  World() {
    if (!half_way.read_client_hello(client.hello())) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  if (size == 0) return 0;
  const pigeond::ByteView frame(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0: {
      NoiseClient client = kWorld.client;
      // Nobody can guess the tags under a key that was never his.
      if (client.read_server_hello(frame)) std::abort();
      break;
    }
    case 1: {
      NoiseServer server = kWorld.server;
      const auto answer = server.read_client_hello(frame);
      if (answer && answer->empty()) std::abort();
      break;
    }
    case 2: {
      NoiseServer server = kWorld.half_way;
      if (server.read_client_finish(frame)) std::abort();
      break;
    }
    case 3: {
      pigeond::wire::Transport transport = kWorld.transport;
      if (transport.open(frame)) std::abort();
      break;
    }
    default:
      if (pigeond::wire::verify_certificate_chain(frame, kWorld.client_ephemeral.pub,
                                                  kWorld.server_identity.pub, 1750000000))
        std::abort();
  }
  return 0;
}
