#include "wire/noise.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "vectors.h"
#include "wire/frame.h"
#include "wire/proto.h"

namespace pigeond::wire {
namespace {

using test::hex;
using test::key;

Bytes frame_body(const nlohmann::json& framed) {
  FrameReader reader(100000);
  reader.feed(hex(framed));
  auto body = reader.next();
  return body && *body ? std::move(**body) : Bytes();
}

TEST(SymmetricState, FollowsARecordedHandshakeStepByStep) {
  const auto v = test::load_vectors("noise-vectors.json", "recorded");
  const auto ephemeral = crypto::key_pair_from_private(key(v["client_ephemeral_private"]));
  SymmetricState state("Noise_XX_25519_AESGCM_SHA256");
  state.mix_hash(hex(v["prologue"]));
  EXPECT_EQ(v["h_after_prologue"], hex_lower(state.hash()));
  state.mix_hash(ephemeral.pub);
  EXPECT_EQ(v["h_after_client_ephemeral"], hex_lower(state.hash()));
  const Bytes server_ephemeral = hex(v["server_ephemeral_public"]);
  state.mix_hash(server_ephemeral);
  EXPECT_EQ(v["h_after_server_ephemeral"], hex_lower(state.hash()));
  state.mix_key(*crypto::agree(ephemeral.priv, server_ephemeral));
  EXPECT_EQ(v["ck_after_ee"], hex_lower(state.chaining_key()));
  const auto server_static = state.decrypt(hex(v["server_static_ciphertext"]));
  ASSERT_TRUE(server_static);
  EXPECT_EQ(v["server_static_public"], hex_lower(*server_static));
  EXPECT_EQ(v["h_after_server_static"], hex_lower(state.hash()));
  state.mix_key(*crypto::agree(ephemeral.priv, *server_static));
  EXPECT_EQ(v["ck_after_es"], hex_lower(state.chaining_key()));
  const auto chain = state.decrypt(hex(v["server_payload_ciphertext"]));
  ASSERT_TRUE(chain);
  EXPECT_EQ(v["server_payload_plaintext_certchain"], hex_lower(*chain));
  EXPECT_EQ(v["h_after_server_payload"], hex_lower(state.hash()));
}

TEST(SymmetricState, HashesANameThatIsTooLong) {
  const std::string_view name = "Noise_XXfallback_25519_AESGCM_SHA256";
  EXPECT_EQ(SymmetricState(name).hash(), crypto::sha256(as_bytes(name)));
}

struct Keys {
  crypto::KeyPair client_ephemeral, client_static, server_ephemeral, server_static;

  explicit Keys(const nlohmann::json& json)
      : client_ephemeral(crypto::key_pair_from_private(key(json["client_ephemeral_private"]))),
        client_static(crypto::key_pair_from_private(key(json["client_static_private"]))),
        server_ephemeral(crypto::key_pair_from_private(key(json["server_ephemeral_private"]))),
        server_static(crypto::key_pair_from_private(key(json["server_static_private"]))) {}
};

TEST(NoiseClient, WritesAndReadsTheBytesOfACompleteHandshake) {
  const auto v = test::load_vectors("noise-vectors.json", "complete");
  const Keys keys(v["keys"]);
  NoiseClient client(keys.client_ephemeral, keys.client_static);
  Bytes first = stream_intro({});
  const Bytes hello = *frame(client.hello());
  first.insert(first.end(), hello.begin(), hello.end());
  EXPECT_EQ(v["first_bytes_sent"], hex_lower(first));

  const auto server = client.read_server_hello(frame_body(v["server_hello_frame"]));
  ASSERT_TRUE(server) << server.error().detail;
  EXPECT_EQ(server->static_key, keys.server_static.pub);
  EXPECT_EQ(v["server_payload_plaintext"], hex_lower(server->certificate));

  auto done = client.finish(hex(v["client_payload_plaintext"]));
  ASSERT_TRUE(done);
  EXPECT_EQ(v["client_finish_frame"], hex_lower(*frame(done->client_finish)));

  const auto& frames = v["transport"];
  const Bytes plain = hex(frames["plaintext_flag_plus_node"]);
  EXPECT_EQ(frames["client_frame_counter0"], hex_lower(*frame(*done->transport.seal(plain))));
  EXPECT_EQ(frames["client_frame_counter1"], hex_lower(*frame(*done->transport.seal(plain))));
  const auto received = done->transport.open(frame_body(frames["server_frame_counter0"]));
  ASSERT_TRUE(received);
  EXPECT_EQ(*received, plain);
}

TEST(NoiseServer, WritesAndReadsTheBytesOfACompleteHandshake) {
  const auto v = test::load_vectors("noise-vectors.json", "complete");
  const Keys keys(v["keys"]);
  NoiseServer server(keys.server_ephemeral, keys.server_static, hex(v["server_payload_plaintext"]));
  const Bytes first = hex(v["first_bytes_sent"]);
  const auto hello = server.read_client_hello(ByteView(first).subspan(7));
  ASSERT_TRUE(hello) << hello.error().detail;
  EXPECT_EQ(v["server_hello_frame"], hex_lower(*frame(*hello)));
  auto done = server.read_client_finish(frame_body(v["client_finish_frame"]));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->client_static, keys.client_static.pub);
  EXPECT_EQ(v["client_payload_plaintext"], hex_lower(done->client_payload));
  const auto& frames = v["transport"];
  EXPECT_TRUE(done->transport.open(frame_body(frames["client_frame_counter0"])));
  EXPECT_TRUE(done->transport.open(frame_body(frames["client_frame_counter1"])));
  EXPECT_EQ(frames["server_frame_counter0"],
            hex_lower(*frame(*done->transport.seal(hex(frames["plaintext_flag_plus_node"])))));
}

class Handshake : public ::testing::Test {
 protected:
  SeededRandom random_{7};
  crypto::KeyPair identity_ = crypto::generate_key_pair(random_), leaf_ = crypto::generate_key_pair(random_);
  NoiseClient client_{crypto::generate_key_pair(random_), identity_};
  NoiseServer server_{crypto::generate_key_pair(random_), leaf_, to_bytes("chain")};
};

TEST_F(Handshake, BothSidesEndWithMatchingCiphers) {
  const auto hello = server_.read_client_hello(client_.hello());
  ASSERT_TRUE(hello);
  ASSERT_TRUE(client_.read_server_hello(*hello));
  auto client = client_.finish(as_bytes("payload"));
  ASSERT_TRUE(client);
  auto server = server_.read_client_finish(client->client_finish);
  ASSERT_TRUE(server);
  EXPECT_EQ(server->client_static, identity_.pub);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*server->transport.open(*client->transport.seal(as_bytes("up"))), to_bytes("up"));
    EXPECT_EQ(*client->transport.open(*server->transport.seal(as_bytes("down"))), to_bytes("down"));
  }
}

TEST_F(Handshake, AFrameOutOfOrderOrTwiceDoesNotOpen) {
  const auto hello = server_.read_client_hello(client_.hello());
  ASSERT_TRUE(client_.read_server_hello(*hello));
  auto client = client_.finish(as_bytes("payload"));
  auto server = server_.read_client_finish(client->client_finish);
  const Bytes first = *client->transport.seal(as_bytes("1"));
  ASSERT_TRUE(server->transport.open(first));
  const auto again = server->transport.open(first);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.cause(), Cause::bad_mac);
}

TEST_F(Handshake, AnyChangedByteOfTheServerHelloIsRefused) {
  const Bytes hello = *server_.read_client_hello(client_.hello());
  for (std::size_t i = 0; i < hello.size(); ++i) {
    Bytes forged = hello;
    forged[i] ^= 1;
    NoiseClient fresh = client_;
    const auto read = fresh.read_server_hello(forged);
    // Before that come tags and lengths, some of which may change without a loss.
    if (i >= 6) {
      EXPECT_FALSE(read) << i;
    }
  }
  EXPECT_FALSE(NoiseClient(client_).read_server_hello({}));
  EXPECT_FALSE(NoiseClient(client_).read_server_hello(client_.hello()));
}

TEST_F(Handshake, AnyChangedByteOfTheClientFinishIsRefused) {
  ASSERT_TRUE(client_.read_server_hello(*server_.read_client_hello(client_.hello())));
  const Bytes finish = client_.finish(as_bytes("payload"))->client_finish;
  for (std::size_t i = 0; i < finish.size(); ++i) {
    Bytes forged = finish;
    forged[i] ^= 1;
    EXPECT_FALSE(NoiseServer(server_).read_client_finish(forged)) << i;
  }
}

TEST_F(Handshake, RefusesKeysOfSmallOrderAndWrongSize) {
  for (const std::size_t size : {0u, 31u, 32u, 33u}) {
    wa_HandshakeMessage message{};
    message.has_clientHello = true;
    message.clientHello.ephemeral = Bytes(size, 0);
    EXPECT_FALSE(NoiseServer(server_).read_client_hello(proto::encode(message))) << size;
  }
}

}  // namespace
}  // namespace pigeond::wire
