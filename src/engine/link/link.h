// One connection's bytes: stream intro, Noise handshake, ciphertext frames, nodes. What the server says is
// checked here: nothing of the account leaves before the certificate chain has proved who listens. Sans-I/O.
//
//   hello() -> write   feed(bytes), then next() until it gives nothing: writes and nodes, in order seal(node)
//   -> write
#pragma once

#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "wire/frame.h"
#include "wire/node.h"
#include "wire/noise.h"

namespace pigeond::engine {

class Link {
 public:
  struct Options {
    crypto::KeyPair ephemeral;  // fresh for each connection
    crypto::KeyPair identity;   // the account's noise key
    Key32 root_key{};           // of the certificate chain
    Bytes client_payload;       // serialised ClientPayload
    Bytes routing_info;         // as the server gave it; may be empty
  };
  explicit Link(Options options);

  // The first message: intro and clientHello.
  Result<Bytes> hello();

  // A frame that opened, and is no node. `head`: its tag and attributes, as far as these could be read.
  struct Undecodable {
    Error why;
    std::optional<wire::Node> head;
  };
  struct EndOfStream {};  // the server's last word
  struct Write {
    Bytes bytes;
  };  // to be sent at once (clientFinish)
  using Event = std::variant<Write, wire::Node, Undecodable, EndOfStream>;

  void feed(ByteView bytes);
  // nullopt: more bytes are needed. An error ends the link. `unix_now` in seconds, for the certificates'
  // dates.
  Result<std::optional<Event>> next(std::int64_t unix_now);

  bool established() const { return transport_.has_value(); }  // the handshake is done: seal() works
  Result<Bytes> seal(const wire::Node& node);                  // one frame

 private:
  Result<Event> finish_handshake(ByteView body, std::int64_t unix_now);
  Result<Event> open(ByteView body);

  Options options_;
  wire::NoiseClient noise_;
  wire::FrameReader reader_;
  std::optional<wire::Transport> transport_;
};

}  // namespace pigeond::engine
