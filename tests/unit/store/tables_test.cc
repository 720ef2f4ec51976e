#include <gtest/gtest.h>

#include "base/random.h"
#include "store/account/credentials.h"
#include "store/account/device_lists.h"
#include "store/account/lid_mappings.h"
#include "store/account/signal_rows.h"
#include "store/erasing.h"
#include "store/sessions.h"

namespace pigeond::store {
namespace {

class Tables : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  SessionTable sessions{*database};
  std::int64_t one = sessions.create({0, "one", "{\"a\":1}", true, 1234});
  std::int64_t two = sessions.create({0, "two", "{}", false, 5678});
  SeededRandom random{9};

  Credentials some_credentials() {
    Credentials out;
    out.noise = crypto::generate_key_pair(random);
    out.identity = crypto::generate_key_pair(random);
    out.registration_id = 0xfffffff0;
    out.adv_secret = random.array<32>();
    out.signed_pre_key_id = 3;
    out.signed_pre_key_created = 1700000000;
    out.next_pre_key_id = 813;
    out.pre_keys_on_server = true;
    out.pre_keys_uploaded_ms = 1700000000123;
    out.pn = wire::pn("491234", 7);
    out.lid = wire::lid("4711", 7);
    out.device_identity = {1, 2, 3};
    out.push_name = "Ann";
    out.platform = "android";
    out.business_name = "Shop";
    out.routing_info = {9, 8};
    out.login_count = 12;
    out.linked_ms = 1700000000999;
    return out;
  }
};

TEST_F(Tables, SessionsAreListedByName) {
  sessions.create({0, "Alpha", "{}", true, 1});
  const auto rows = sessions.all();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].name, "Alpha");
  EXPECT_EQ(rows[1].name, "one");
  EXPECT_EQ(rows[1].config, "{\"a\":1}");
  EXPECT_TRUE(rows[1].running);
  EXPECT_EQ(rows[1].created_ms, 1234);
  EXPECT_FALSE(rows[2].running);
}

TEST_F(Tables, ASessionIsChangedAndRemoved) {
  sessions.set_config(one, "{}");
  sessions.set_life(one, false, 0);
  EXPECT_EQ(sessions.find("one")->config, "{}");
  EXPECT_FALSE(sessions.find("one")->running);
  sessions.remove(one);
  EXPECT_FALSE(sessions.find("one"));
  EXPECT_TRUE(sessions.find("two"));
  EXPECT_NE(sessions.create({0, "one", "{}", true, 1}), one) << "ids are not used twice";
}

TEST_F(Tables, RemovingASessionTakesItsAccountWithItAndNoOther) {
  for (auto id : {one, two}) {
    CredentialsTable(*database, id).save(some_credentials());
    SignalRows(*database, id).save_session("111", 0, Bytes{1});
    LidMappings(*database, id).put("4711", "491234");
  }
  sessions.remove(one);
  EXPECT_FALSE(CredentialsTable(*database, one).load());
  EXPECT_FALSE(SignalRows(*database, one).has_session("111", 0));
  EXPECT_FALSE(LidMappings(*database, one).pn_of("4711"));
  EXPECT_TRUE(CredentialsTable(*database, two).load());
  EXPECT_TRUE(SignalRows(*database, two).has_session("111", 0));
}

TEST_F(Tables, ErasingAnAccountLeavesEveryTableOfItEmptyButKeepsTheSession) {
  // Every table but these hangs on the account, also those that come later.
  std::vector<std::string> tables;
  auto query = database->prepare(
      "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'session_id'"
      " WHERE m.type = 'table' AND m.name NOT IN ('webhook_queue', 'first_contact', 'erasing', 'event')");
  while (query.step()) tables.push_back(query.text(0));
  ASSERT_GE(tables.size(), 10u);
  for (const auto& table : tables) {
    std::string columns, values;
    auto info = database->prepare("SELECT name, type, pk FROM pragma_table_info('" + table + "')");
    while (info.step()) {
      if (info.text(0) == "seq" && table != "outbox") continue;
      columns += (columns.empty() ? "" : ", ") + info.text(0);
      const bool fixed_size =
          table != "message" &&
          (info.text(0) == "private" || info.text(0) == "public" || info.text(0) == "key" ||
           info.text(0) == "request" || info.text(0).ends_with("_private") || info.text(0) == "adv_secret");
      const std::string value = info.text(0) == "session_id"  ? std::to_string(one)
                                : info.text(0) == "signature" ? "zeroblob(64)"
                                : fixed_size                  ? "zeroblob(32)"
                                                              : "1";
      values += (values.empty() ? "" : ", ") + value;
    }
    EXPECT_EQ(database->prepare("INSERT INTO " + table + " (" + columns + ") VALUES (" + values + ")").run(),
              1)
        << table << ": " << database->failure().detail;
  }
  sessions.erase_account(one);
  while (erase_step(*database, 1) > 0) {
  }
  for (const auto& table : tables) {
    auto left = database->prepare("SELECT count(*) FROM " + table);
    ASSERT_TRUE(left.step());
    // Who repeats a call after the account was erased is told what became of the first.
    EXPECT_EQ(left.integer(0), table == "idempotency_key" ? 1 : 0) << table;
  }
  EXPECT_TRUE(sessions.find("one"));
}

TEST_F(Tables, CredentialsComeBackWhole) {
  CredentialsTable table(*database, one);
  EXPECT_FALSE(table.load());
  Credentials saved = some_credentials();
  table.save(saved);
  const auto found = table.load();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->noise.priv, saved.noise.priv);
  EXPECT_EQ(found->noise.pub, saved.noise.pub);
  EXPECT_EQ(found->identity.priv, saved.identity.priv);
  EXPECT_EQ(found->identity.pub, saved.identity.pub);
  EXPECT_EQ(found->registration_id, saved.registration_id);
  EXPECT_EQ(found->adv_secret, saved.adv_secret);
  EXPECT_EQ(found->signed_pre_key_id, saved.signed_pre_key_id);
  EXPECT_EQ(found->signed_pre_key_created, saved.signed_pre_key_created);
  EXPECT_EQ(found->next_pre_key_id, saved.next_pre_key_id);
  EXPECT_EQ(found->pre_keys_on_server, saved.pre_keys_on_server);
  EXPECT_EQ(found->pre_keys_uploaded_ms, saved.pre_keys_uploaded_ms);
  EXPECT_EQ(found->pn, saved.pn);
  EXPECT_EQ(found->lid, saved.lid);
  EXPECT_EQ(found->device_identity, saved.device_identity);
  EXPECT_EQ(found->push_name, saved.push_name);
  EXPECT_EQ(found->platform, saved.platform);
  EXPECT_EQ(found->business_name, saved.business_name);
  EXPECT_EQ(found->routing_info, saved.routing_info);
  EXPECT_EQ(found->login_count, saved.login_count);
  EXPECT_EQ(found->linked_ms, saved.linked_ms);
  EXPECT_TRUE(found->linked());
}

TEST_F(Tables, CredentialsOfAnUnlinkedDeviceHaveNoJids) {
  CredentialsTable table(*database, one);
  Credentials saved = some_credentials();
  saved.pn = {};
  saved.lid = {};
  table.save(saved);
  const auto found = table.load();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->pn.empty());
  EXPECT_TRUE(found->lid.empty());
  EXPECT_FALSE(found->linked());
}

TEST_F(Tables, ALidMappingIsOneToOne) {
  LidMappings mappings(*database, one);
  EXPECT_TRUE(mappings.put("L1", "P1"));
  EXPECT_FALSE(mappings.put("L1", "P1"));
  EXPECT_EQ(mappings.lid_of("P1"), "L1");
  EXPECT_EQ(mappings.pn_of("L1"), "P1");
  EXPECT_TRUE(mappings.put("L2", "P1")) << "a new LID for a known PN";
  EXPECT_FALSE(mappings.pn_of("L1"));
  EXPECT_TRUE(mappings.put("L2", "P2")) << "a new PN for a known LID";
  EXPECT_FALSE(mappings.lid_of("P1"));
  EXPECT_EQ(mappings.pn_of("L2"), "P2");
  EXPECT_FALSE(LidMappings(*database, two).pn_of("L2"));
}

TEST_F(Tables, ALidMappingIsAddedOnlyWhereNeitherHalfIsKnown) {
  LidMappings mappings(*database, one);
  EXPECT_TRUE(mappings.add("L1", "P1"));
  EXPECT_FALSE(mappings.add("L1", "P2"));
  EXPECT_FALSE(mappings.add("L2", "P1"));
  EXPECT_EQ(mappings.count(), 1);
  EXPECT_EQ(mappings.lid_of("P1"), "L1");
  EXPECT_TRUE(LidMappings(*database, two).add("L1", "P2"));
}

TEST_F(Tables, AKnownLidMappingWritesNothing) {
  LidMappings mappings(*database, one);
  mappings.put("L1", "P1");
  const auto before = database->commits();
  database->begin();
  mappings.put("L1", "P1");
  ASSERT_TRUE(database->commit().ok());
  EXPECT_EQ(database->commits(), before);
}

TEST_F(Tables, DeviceListsComeBackWhole) {
  DeviceLists lists(*database, one);
  EXPECT_FALSE(lists.find("1@lid"));
  const DeviceList saved{
      {{0, 0, false}, {5, 2, false}, {99, 4294967295u, true}, {65535, 1, false}}, 17, 18, 19};
  lists.save("1@lid", saved);
  lists.save("2@lid", {});
  const auto found = lists.find("1@lid");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->devices, saved.devices);
  EXPECT_EQ(found->raw_id, 17u);
  EXPECT_EQ(found->timestamp, 18);
  EXPECT_EQ(found->updated_ms, 19);
  ASSERT_TRUE(lists.find("2@lid"));
  EXPECT_TRUE(lists.find("2@lid")->devices.empty());
  lists.remove("1@lid");
  EXPECT_FALSE(lists.find("1@lid"));
}

TEST_F(Tables, ADeviceListThatMakesNoSenseIsAsIfMissing) {
  DeviceLists lists(*database, one);
  for (const char* text : {"x", "1", "1:2:3", "70000:1", "1:-1", "1:2,", ",", "1:2hh"}) {
    database->prepare("INSERT OR REPLACE INTO device_list VALUES (?, 'u', ?, 0, 0, 0)")
        .bind(one)
        .bind(text)
        .run();
    ASSERT_FALSE(database->failed());
    EXPECT_FALSE(lists.find("u")) << text;
  }
}

TEST_F(Tables, PreKeysAreCountedUntilTheyAreUploaded) {
  SignalRows rows(*database, one);
  for (std::uint32_t id : {3u, 1u, 2u}) rows.save_pre_key({id, crypto::generate_key_pair(random), false});
  EXPECT_EQ(rows.count_pre_keys_not_uploaded(), 3u);
  const auto first = rows.pre_keys_not_uploaded(2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].id, 1u);
  EXPECT_EQ(first[1].id, 2u);
  EXPECT_EQ(first[0].key.pub, crypto::key_pair_from_private(first[0].key.priv).pub);
  rows.mark_pre_keys_uploaded({1, 2});
  EXPECT_EQ(rows.count_pre_keys_not_uploaded(), 1u);
  EXPECT_TRUE(rows.pre_key(1)->uploaded);
  EXPECT_FALSE(rows.pre_key(3)->uploaded);
  rows.mark_all_pre_keys_not_uploaded();
  EXPECT_EQ(rows.count_pre_keys_not_uploaded(), 3u);
  rows.delete_pre_key(1);
  EXPECT_FALSE(rows.pre_key(1));
}

TEST_F(Tables, SignedPreKeysComeBackWhole) {
  SignalRows rows(*database, one);
  const SignedPreKeyRow saved{4, crypto::generate_key_pair(random), random.array<64>(), 1700000000};
  rows.save_signed_pre_key(saved);
  const auto found = rows.signed_pre_key(4);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key.priv, saved.key.priv);
  EXPECT_EQ(found->key.pub, saved.key.pub);
  EXPECT_EQ(found->signature, saved.signature);
  EXPECT_EQ(found->created, saved.created);
  EXPECT_FALSE(rows.signed_pre_key(5));
}

TEST_F(Tables, RenamingMovesWhatTheNewNameDoesNotHave) {
  SignalRows rows(*database, one);
  const Bytes key(32, 7);
  rows.save_session("pn", 0, Bytes{1});
  rows.save_session("pn", 5, Bytes{2});
  rows.save_session("lid_1", 5, Bytes{3});
  rows.save_identity("pn", 0, key);
  rows.save_sender_key("g", "pn", 0, Bytes{4});
  rows.rename("pn", "lid_1");
  EXPECT_EQ(rows.session("lid_1", 0), Bytes{1});
  EXPECT_EQ(rows.session("lid_1", 5), Bytes{3});
  EXPECT_EQ(rows.identity("lid_1", 0), key);
  EXPECT_EQ(rows.sender_key("g", "lid_1", 0), Bytes{4});
  EXPECT_TRUE(rows.session_devices("pn").empty());
  EXPECT_FALSE(rows.identity("pn", 0));
  EXPECT_FALSE(rows.sender_key("g", "pn", 0));
}

TEST_F(Tables, ForgettingAUserRemovesAllDevices) {
  SignalRows rows(*database, one);
  rows.save_session("a", 0, Bytes{1});
  rows.save_session("a", 9, Bytes{2});
  rows.save_session("ab", 0, Bytes{3});
  rows.save_identity("a", 9, Bytes(32, 1));
  EXPECT_EQ(rows.session_devices("a"), (std::vector<std::uint32_t>{0, 9}));
  rows.forget("a");
  EXPECT_TRUE(rows.session_devices("a").empty());
  EXPECT_FALSE(rows.identity("a", 9));
  EXPECT_TRUE(rows.has_session("ab", 0));
}

}  // namespace
}  // namespace pigeond::store
