#include "signal/sqlite_store.h"

#include <gtest/gtest.h>

#include "signal/group.h"
#include "store/sessions.h"
#include "unit/signal/peers.h"

namespace pigeond::signal {
namespace {

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  SeededRandom random{42};
  store::Credentials credentials;
  std::int64_t session = store::SessionTable(*database).create({0, "default", "{}", true, 1});
  SqliteStore rows{*database, session, credentials};
  Sessions sessions{rows, random};
  Peer bob{"222", 2};
  Address us{"111", 5};

  void SetUp() override {
    credentials.identity = crypto::generate_key_pair(random);
    credentials.registration_id = 77;
    database->begin();
    rows.save_signed_pre_key(make_signed_pre_key(1, credentials.identity, 1, random));
    for (const PreKey& key : make_pre_keys(1, 3, random)) rows.save_pre_key(key);
    ASSERT_TRUE(database->commit().ok());
  }

  PreKeyBundle bundle(std::uint32_t id) {
    const auto signed_key = *rows.load_signed_pre_key(1);
    return {77, credentials.identity.pub,      1, signed_key.key.pub, signed_key.signature,
            id, rows.load_pre_key(id)->key.pub};
  }

  std::string hear(const Ciphertext& message) {
    const auto plain = sessions.decrypt(bob.address, message.kind, message.bytes);
    return plain ? std::string(as_text(*plain)) : std::string(cause_name(plain.cause()));
  }
  Ciphertext from_bob(std::string_view text) { return bob.sessions.encrypt(us, as_bytes(text)).value(); }
};

TEST_F(SqliteStoreTest, ASessionLivesInTheDatabase) {
  ASSERT_TRUE(bob.sessions.start(us, bundle(2)).ok());
  database->begin();
  EXPECT_EQ(hear(from_bob("one")), "one");
  EXPECT_EQ(hear(from_bob("two")), "two");
  ASSERT_TRUE(database->commit().ok());
  SqliteStore again(*database, session, credentials);
  Sessions later(again, random);
  ASSERT_TRUE(later.has(bob.address));
  EXPECT_EQ(again.session_devices("222"), std::vector<std::uint32_t>{0});
  EXPECT_FALSE(again.load_pre_key(2));
  EXPECT_TRUE(again.load_pre_key(1));
  database->begin();
  const auto answer = later.encrypt(bob.address, as_bytes("three"));
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(as_text(*bob.sessions.decrypt(us, answer->kind, answer->bytes)), "three");
}

TEST_F(SqliteStoreTest, ARolledBackUnitOfWorkRestoresTheRatchetAndTheOneTimeKey) {
  ASSERT_TRUE(bob.sessions.start(us, bundle(2)).ok());
  const auto message = from_bob("one");
  database->begin();
  EXPECT_EQ(hear(message), "one");
  EXPECT_FALSE(rows.load_pre_key(2));
  database->rollback();
  EXPECT_TRUE(rows.load_pre_key(2));
  EXPECT_FALSE(sessions.has(bob.address));
  EXPECT_FALSE(rows.load_identity(bob.address));
  database->begin();
  EXPECT_EQ(hear(message), "one") << "delivered again, it must read again";
  ASSERT_TRUE(database->commit().ok());

  const auto next = from_bob("two");
  database->begin();
  EXPECT_EQ(hear(next), "two");
  database->rollback();
  database->begin();
  EXPECT_EQ(hear(next), "two");
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(hear(next), "duplicate_message");
}

TEST_F(SqliteStoreTest, AccountsDoNotSeeEachOther) {
  ASSERT_TRUE(bob.sessions.start(us, bundle(2)).ok());
  EXPECT_EQ(hear(from_bob("one")), "one");
  const std::int64_t other = store::SessionTable(*database).create({0, "other", "{}", true, 1});
  SqliteStore stranger(*database, other, credentials);
  EXPECT_FALSE(stranger.has_session(bob.address));
  EXPECT_FALSE(stranger.load_identity(bob.address));
  EXPECT_FALSE(stranger.load_pre_key(1));
  EXPECT_FALSE(stranger.load_signed_pre_key(1));
}

TEST_F(SqliteStoreTest, ForgettingRemovesSessionAndIdentity) {
  ASSERT_TRUE(bob.sessions.start(us, bundle(2)).ok());
  EXPECT_EQ(hear(from_bob("one")), "one");
  EXPECT_TRUE(rows.load_identity(bob.address));
  sessions.forget(bob.address);
  EXPECT_FALSE(sessions.has(bob.address));
  EXPECT_FALSE(rows.load_identity(bob.address));
}

TEST_F(SqliteStoreTest, SenderKeysAreKeptAndForgotten) {
  const std::string group = "123@g.us";
  GroupSessions ours(rows, random);
  GroupSessions theirs(bob.store, bob.random);
  const Bytes key = ours.distribution(group, us).value();
  ASSERT_TRUE(theirs.process(group, us, key).ok());
  const Bytes message = ours.encrypt(group, us, as_bytes("all")).value();
  EXPECT_EQ(as_text(*theirs.decrypt(group, us, message)), "all");
  ours.forget(group, us);
  EXPECT_FALSE(rows.load_sender_key(group, us));
  EXPECT_NE(ours.distribution(group, us).value(), key);
}

}  // namespace
}  // namespace pigeond::signal
