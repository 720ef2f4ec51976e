// Histories that simulated phones upload, the media servers that hold them, and accounts that were not
// migrated.
#include "base/text.h"
#include "crypto/hash.h"
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class SandboxHistory : public SandboxTest {
 protected:
  MediaStore::Uploaded upload() {
    return service->media().upload_history({kAlice, 1}, as_bytes("the history"));
  }
  MediaStore::Answer get(const std::string& target) { return service->media().get(target); }
  void strike(FaultKind kind) {
    Fault fault;
    fault.kind = kind;
    fault.count = 1;
    service->add_fault(now, fault);
  }
};

TEST_F(SandboxHistory, AFileIsHandedOutWithTheQueryOfItsPathAlone) {
  const auto uploaded = upload();
  EXPECT_FALSE(service->media().was_fetched(uploaded.path));
  const auto answer = get(uploaded.path + "&hash=x");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(to_bytes(ByteView(crypto::sha256(*answer.body))), uploaded.enc_sha256);
  EXPECT_TRUE(service->media().was_fetched(uploaded.path));
  EXPECT_TRUE(rules().empty());
  EXPECT_EQ(get("/v/another").status, 404);
  EXPECT_EQ(get(uploaded.path.substr(0, uploaded.path.find('?'))).status, 403);
  EXPECT_TRUE(broke("media-query"));
}

TEST_F(SandboxHistory, AFileIsNotDeletedByWhoLacksTheSecret) {
  const auto uploaded = upload();
  ASSERT_EQ(get(uploaded.path).status, 200);
  std::string token = base64(uploaded.enc_sha256);
  for (char& c : token) c = c == '+' ? '-' : c == '/' ? '_' : c;
  EXPECT_EQ(service->media().erase("/mms/md-msg-hist/" + token + "?auth=x", "secret"), 403);
  EXPECT_TRUE(broke("media-delete"));
  EXPECT_EQ(service->media().size(), 1u);
}

TEST_F(SandboxHistory, FaultsLoseCutAndSpoilIt) {
  const auto uploaded = upload();
  strike(FaultKind::media_gone);
  EXPECT_EQ(get(uploaded.path).status, 404);
  strike(FaultKind::media_cut);
  EXPECT_GT(get(uploaded.path).cut_after, 0u);
  strike(FaultKind::media_wrong);
  EXPECT_NE(to_bytes(ByteView(crypto::sha256(*get(uploaded.path).body))), uploaded.enc_sha256);
  EXPECT_FALSE(service->media().was_fetched(uploaded.path));
  EXPECT_EQ(get(uploaded.path).cut_after, 0u);
}

TEST_F(SandboxHistory, AnAccountThatWasNotMigratedIsRefusedByLidAndHeardByNumber) {
  ScriptedClient& who = linked(kAlice);
  service->world().account(kAlice)->lid_migrated = false;
  send(who, text(who, "M1", service->world().account(kBob)->jid(Form::lid), "hello"));
  EXPECT_EQ(last_error(who), "400");
  send(who, text(who, "M2", service->world().account(kBob)->jid(Form::pn), "hello"));
  EXPECT_EQ(last_error(who), "");
}

TEST_F(SandboxHistory, ARefusalMayBeOfOneFormOnly) {
  ScriptedClient& who = linked(kAlice);
  Fault fault;
  fault.kind = FaultKind::ack_error;
  fault.code = 463;
  fault.form = Form::pn;
  service->add_fault(now, fault);
  send(who, text(who, "M1", service->world().account(kBob)->jid(Form::pn), "hello"));
  EXPECT_EQ(last_error(who), "463");
  send(who, text(who, "M2", service->world().account(kBob)->jid(Form::lid), "hello"));
  EXPECT_EQ(last_error(who), "");
}

}  // namespace
}  // namespace pigeond::sandbox
