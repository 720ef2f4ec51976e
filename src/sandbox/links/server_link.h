// One client's connection from the first byte on: intro, Noise handshake, then frames of encrypted nodes.
#pragma once

#include <optional>
#include <variant>

#include "base/random.h"
#include "base/result.h"
#include "wire/certificate.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/node.h"
#include "wire/noise.h"

namespace pigeond::sandbox {

// Who the server is: its Noise key and the certificates above it.
struct ServerIdentity {
  wire::CertificateAuthority authority;
  crypto::KeyPair noise_key;
};

class ServerLink {
 public:
  // `forged`: the chain shown carries a signature that is none.
  ServerLink(const ServerIdentity& identity, bool forged, std::int64_t unix_now, Random& random);

  struct Reply {
    Bytes bytes;  // to write as they are
  };
  struct LoggedIn {
    Key32 noise_key{};     // the client's
    Bytes client_payload;  // ClientPayload, serialised
  };
  using Step = std::variant<Reply, LoggedIn, wire::Node>;

  void feed(ByteView bytes);
  // nullopt: more bytes are needed. An error ends the link; detail says what was wrong.
  Result<std::optional<Step>> next();

  wire::Dictionary dictionary() const { return dictionary_; }
  // The last node as it came, flag byte first.
  ByteView plaintext() const { return plaintext_; }
  // Bytes of an encrypted frame; only after LoggedIn.
  Result<Bytes> seal(const wire::Node& node);

 private:
  enum class Stage { intro, hello, finish, open };
  Result<std::optional<Step>> handle(ByteView body);

  Stage stage_ = Stage::intro;
  Bytes intro_;
  wire::FrameReader reader_;
  ServerIdentity identity_;
  Bytes chain_;
  crypto::KeyPair ephemeral_;
  std::optional<wire::NoiseServer> noise_;  // once the client's header is there
  wire::Dictionary dictionary_ = wire::Dictionary::v3;
  std::optional<wire::Transport> transport_;
  Bytes plaintext_;
};

}  // namespace pigeond::sandbox
