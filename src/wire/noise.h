// Noise_XX_25519_AESGCM_SHA256 (noiseprotocol.org, revision 34) as WhatsApp uses it, both sides; and the
// transport ciphers after Split. Sans-I/O: each step takes a frame body and gives a frame body.
//
//   client                                   server
//   HandshakeMessage.clientHello{e}    -->
//                                      <--   serverHello{e, s, payload = certificate chain}
//   clientFinish{s, payload}           -->
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "wire/frame.h"

namespace pigeond::wire {

// The hash and cipher state that both sides run (section 5.2 of the Noise specification).
class SymmetricState {
 public:
  explicit SymmetricState(std::string_view protocol_name);
  void mix_hash(ByteView data);
  void mix_key(ByteView input);
  Bytes encrypt(ByteView plaintext);
  Result<Bytes> decrypt(ByteView ciphertext);  // bad_mac
  std::pair<Key32, Key32> split() const;  // first, second half: client writes with first, reads with second
  const Key32& hash() const { return hash_; }
  const Key32& chaining_key() const { return chaining_key_; }

 private:
  Key32 hash_{}, chaining_key_{}, key_{};
  std::uint32_t counter_ = 0;
};

// One direction pair of AES-256-GCM with a 32-bit counter each. A counter that would wrap is an error.
class Transport {
 public:
  Transport(const Key32& write_key, const Key32& read_key) : write_key_(write_key), read_key_(read_key) {}
  Result<Bytes> seal(ByteView plaintext);
  Result<Bytes> open(ByteView ciphertext);  // bad_mac

 private:
  Key32 write_key_, read_key_;
  std::uint32_t write_counter_ = 0, read_counter_ = 0;
};

class NoiseClient {
 public:
  // `ephemeral` is fresh for each connection; `identity` is the account's stored noise key pair.
  NoiseClient(const crypto::KeyPair& ephemeral, const crypto::KeyPair& identity);
  Bytes hello() const;  // clientHello, serialised

  struct ServerHello {
    Key32 static_key{};  // the server's, as decrypted
    Bytes certificate;   // CertChain bytes: verify against static_key before finish()
  };
  Result<ServerHello> read_server_hello(ByteView frame_body);

  struct Finished {
    Bytes client_finish;  // frame body to send
    Transport transport;
  };
  Result<Finished> finish(ByteView client_payload);

 private:
  SymmetricState state_;
  crypto::KeyPair ephemeral_, identity_;
  Key32 server_ephemeral_{};
};

class NoiseServer {
 public:
  // `dictionary`: the last byte of the client's stream header, which is part of the prologue.
  NoiseServer(const crypto::KeyPair& ephemeral, const crypto::KeyPair& identity, Bytes certificate_chain,
              std::uint8_t dictionary = kHeader[3]);
  // clientHello in, serverHello out.
  Result<Bytes> read_client_hello(ByteView frame_body);

  struct Finished {
    Key32 client_static{};
    Bytes client_payload;
    Transport transport;
  };
  Result<Finished> read_client_finish(ByteView frame_body);

 private:
  SymmetricState state_;
  crypto::KeyPair ephemeral_, identity_;
  Bytes certificate_chain_;
  Key32 client_ephemeral_{};
};

}  // namespace pigeond::wire
