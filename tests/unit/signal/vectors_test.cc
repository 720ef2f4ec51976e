// Messages that another implementation made must read here.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "signal/group.h"
#include "signal/memory_store.h"
#include "signal/session.h"

namespace pigeond::signal {
namespace {

class SignalVectors : public testing::Test {
 protected:
  nlohmann::json vectors = nlohmann::json::parse(std::ifstream(PIGEOND_TEST_DATA "/signal-vectors.json"));
  SeededRandom random{1};
  MemoryStore store{pair("identityPrivate"), 22222};
  Sessions sessions{store, random};
  Address sender{vectors["sender"]["name"], vectors["sender"]["device"]};

  static Bytes bytes(const nlohmann::json& value) { return parse_hex(value.get<std::string>()).value(); }

  crypto::KeyPair pair(const char* name) {
    Key32 priv{};
    std::ranges::copy(bytes(vectors["receiver"][name]), priv.begin());
    return crypto::key_pair_from_private(priv);
  }

  void SetUp() override {
    const auto& receiver = vectors["receiver"];
    SignedPreKey signed_key;
    signed_key.id = receiver["signedPreKeyId"];
    signed_key.key = pair("signedPreKeyPrivate");
    std::ranges::copy(bytes(receiver["signedPreKeySignature"]), signed_key.signature.begin());
    store.save_signed_pre_key(signed_key);
    store.save_pre_key({receiver["preKeyId"], pair("preKeyPrivate")});
  }

  std::string read(const nlohmann::json& message) {
    const auto plain = sessions.decrypt(sender, Kind::pkmsg, bytes(message));
    return plain ? hex_lower(*plain) : std::string(cause_name(plain.cause()));
  }
};

TEST_F(SignalVectors, PublicKeysFollowFromThePrivateOnes) {
  const auto& receiver = vectors["receiver"];
  EXPECT_EQ(crypto::with_type_byte(pair("identityPrivate").pub), bytes(receiver["identityPublic"]));
  EXPECT_EQ(crypto::with_type_byte(pair("signedPreKeyPrivate").pub), bytes(receiver["signedPreKeyPublic"]));
  EXPECT_TRUE(crypto::verify(pair("identityPrivate").pub, bytes(receiver["signedPreKeyPublic"]),
                             bytes(receiver["signedPreKeySignature"])));
}

TEST_F(SignalVectors, PkmsgReadInEveryOrder) {
  const auto& set = vectors["with_one_time_key"];
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    MemoryStore fresh = store;
    Sessions again(fresh, random);
    for (std::size_t i : order) {
      const auto plain = again.decrypt(sender, Kind::pkmsg, bytes(set["messages"][i]));
      ASSERT_TRUE(plain.ok());
      EXPECT_EQ(*plain, bytes(set["plaintexts"][i]));
    }
    EXPECT_TRUE(fresh.pre_keys().empty());
    EXPECT_EQ(again.remote_registration_id(sender), vectors["sender"]["regId"].get<std::uint32_t>());
    const auto repeated = again.decrypt(sender, Kind::pkmsg, bytes(set["messages"][1]));
    ASSERT_FALSE(repeated.ok());
    EXPECT_EQ(repeated.cause(), Cause::duplicate_message);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(SignalVectors, PkmsgWhoseOneTimeKeyIsGoneIsInvalidKeyId) {
  store.delete_pre_key(vectors["receiver"]["preKeyId"]);
  EXPECT_EQ(read(vectors["with_one_time_key"]["messages"][0]), "invalid_key_id");
}

TEST_F(SignalVectors, PkmsgWithoutOneTimeKeyReads) {
  const auto& set = vectors["without_one_time_key"];
  EXPECT_EQ(set["plaintext"], read(set["message"]));
  EXPECT_EQ(store.pre_keys().size(), 1u);
}

TEST_F(SignalVectors, SkmsgReadOutOfOrder) {
  const auto& set = vectors["group"];
  const std::string group = set["group"];
  GroupSessions groups(store, random);
  const auto early = groups.decrypt(group, sender, bytes(set["messages"][0]));
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.cause(), Cause::no_sender_key);
  ASSERT_TRUE(groups.process(group, sender, bytes(set["distribution"])).ok());
  for (std::size_t i : {1u, 0u, 3u, 2u}) {
    const auto plain = groups.decrypt(group, sender, bytes(set["messages"][i]));
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(*plain, bytes(set["plaintexts"][i]));
  }
  const auto repeated = groups.decrypt(group, sender, bytes(set["messages"][0]));
  ASSERT_FALSE(repeated.ok());
  EXPECT_EQ(repeated.cause(), Cause::duplicate_message);
}

}  // namespace
}  // namespace pigeond::signal
