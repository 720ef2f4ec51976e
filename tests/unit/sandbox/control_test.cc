// The control API, over HTTP as others use it.
#include "sandbox/control/control.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

using nlohmann::json;

class ControlApi : public ::testing::Test {
 protected:
  static constexpr const char* kAnna = "491510000001";
  static constexpr const char* kBert = "491510000002";

  ControlApi() : loop_(clock_), server_(loop_, random_, {}) {
    const auto endpoints = server_.start();
    EXPECT_TRUE(endpoints);
    http_ = std::make_unique<httplib::Client>(endpoints->control);
    thread_ = std::thread([this] { loop_.run(); });
    for (const char* phone : {kAnna, kBert}) post("/accounts", {{"phone", phone}}, 201);
  }
  ~ControlApi() override {
    loop_.stop();
    thread_.join();
  }

  json check(const httplib::Result& result, int status) {
    EXPECT_TRUE(result);
    if (!result) return {};
    EXPECT_EQ(result->status, status) << result->body;
    return result->body.empty() ? json() : json::parse(result->body);
  }
  json get(const std::string& path, int status = 200) { return check(http_->Get(path), status); }
  json post(const std::string& path, const json& body, int status = 200) {
    return check(http_->Post(path, body.dump(), "application/json"), status);
  }
  json put(const std::string& path, const json& body, int status = 200) {
    return check(http_->Put(path, body.dump(), "application/json"), status);
  }
  json remove(const std::string& path, int status = 204) { return check(http_->Delete(path), status); }

  SystemClock clock_;
  SystemRandom random_;
  net::Loop loop_;
  Server server_;
  std::unique_ptr<httplib::Client> http_;
  std::thread thread_;
};

TEST_F(ControlApi, SaysWhereEverythingIs) {
  const json status = get("/status");
  EXPECT_EQ(status["ws"], server_.endpoints().ws);
  EXPECT_EQ(status["wss"], json());
  EXPECT_EQ(status["root_key"].get<std::string>().size(), 64u);
  EXPECT_EQ(status["accounts"], 2);
  EXPECT_EQ(json::parse(endpoints_line(server_.endpoints()))["control"], status["control"]);
}

TEST_F(ControlApi, MakesAndShowsAccounts) {
  const json made = post("/accounts", {{"phone", "+491510000003"}, {"lid", "4711"}, {"name", "Carl"}}, 201);
  EXPECT_EQ(made["pn"], "491510000003@s.whatsapp.net");
  EXPECT_EQ(made["lid"], "4711@lid");
  EXPECT_EQ(made["devices"], json::array({0}));
  EXPECT_EQ(get("/accounts/491510000003"), made);
  EXPECT_EQ(get("/accounts").size(), 3u);
}

TEST_F(ControlApi, SendsAndShowsMessagesWithTheirReceipts) {
  const std::string id =
      post(std::string("/accounts/") + kAnna + "/messages", {{"to", kBert}, {"text", "hi"}}, 201)["id"];
  const json got = get(std::string("/accounts/") + kBert + "/messages");
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["id"], id);
  EXPECT_EQ(got[0]["text"], "hi");
  EXPECT_EQ(got[0]["from_me"], false);
  EXPECT_EQ(get(std::string("/accounts/") + kBert + "/messages?since=1").size(), 0u);
  post(std::string("/accounts/") + kBert + "/read", {{"chat", kAnna}, {"ids", {id}}}, 204);
  const json sent = get(std::string("/accounts/") + kAnna + "/messages");
  EXPECT_EQ(sent[0]["ack"], "read");
  EXPECT_EQ(sent[0]["acks"].size(), 2u);
}

TEST_F(ControlApi, SetsAndTakesBackFaults) {
  const json id =
      post("/faults", {{"kind", "ack_error"}, {"code", 463}, {"account", kAnna}, {"count", 2}}, 201)["id"];
  ASSERT_EQ(get("/faults").size(), 1u);
  EXPECT_EQ(get("/faults")[0]["kind"], "ack_error");
  const std::string path = "/faults/" + std::to_string(id.get<int>());
  remove(path);
  remove(path, 404);
  post("/faults", {{"kind", "silence"}}, 201);
  remove("/faults");
  EXPECT_EQ(get("/faults").size(), 0u);
}

TEST_F(ControlApi, SetsWhatAnAccountMayDoTowardsStrangers) {
  const std::string anna = std::string("/accounts/") + kAnna;
  post(anna + "/tokens", {{"to", kBert}, {"notify", false}}, 204);
  EXPECT_EQ(post(anna + "/tokens", {{"to", kBert}, {"notify", "no"}}, 400)["field"], "notify");
  EXPECT_EQ(post(anna + "/tokens", {{"to", "1"}}, 404)["field"], "to");
  EXPECT_EQ(put(anna + "/timelock", {{"seconds", 60}})["type"], "WEB_COMPANION_ONLY");
  EXPECT_TRUE(server_.service().world().account(kAnna)->timelock);
  EXPECT_EQ(put(anna + "/timelock", json::object(), 400)["field"], "seconds");
  put("/accounts/1/timelock", {{"seconds", 60}}, 404);
  remove(anna + "/timelock");
  EXPECT_FALSE(server_.service().world().account(kAnna)->timelock);
  put(anna + "/capping", {{"status", "CAPPED"}, {"total", 5}, {"used", 5}}, 204);
  EXPECT_EQ(put(anna + "/capping", {{"status", "SOME"}}, 400)["field"], "status");
  remove(anna + "/capping");
}

TEST_F(ControlApi, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* path;
    json body;
    int status;
    const char* field;
  };
  const std::vector<Case> cases = {
      {"/accounts", {{"name", "x"}}, 400, "phone"},
      {"/accounts", {{"phone", 5}}, 400, "phone"},
      {"/accounts", {{"phone", "12ab"}}, 400, "phone"},
      {"/accounts", {{"phone", kAnna}}, 409, "phone"},
      {"/accounts", {{"phone", "491510000009"}, {"lid", "x"}}, 400, "lid"},
      {"/accounts", {{"phone", "491510000009"}, {"addressing", "x"}}, 400, "addressing"},
      {"/accounts/1/scan", {{"qr", "a,b,c,d"}}, 404, "account"},
      {"/accounts/491510000001/scan", {{"qr", "a,b,c,d"}}, 400, "qr"},
      {"/accounts/491510000001/scan", json::object(), 400, "qr"},
      {"/accounts/491510000001/messages", {{"text", "x"}}, 400, "to"},
      {"/accounts/491510000001/messages", {{"to", "49"}, {"text", "x"}}, 404, "to"},
      {"/accounts/491510000001/messages", {{"to", "491510000002"}, {"text", ""}}, 400, "text"},
      {"/accounts/491510000001/messages",
       {{"to", "491510000002"}, {"text", "x"}, {"reply_to", "y"}},
       404,
       "reply_to"},
      {"/accounts/491510000001/read", {{"chat", "491510000002"}, {"ids", "x"}}, 400, "ids"},
      {"/accounts/491510000001/read", {{"chat", "491510000002"}, {"ids", {"x"}}}, 404, "ids"},
      {"/accounts/491510000001/disconnect", {{"device", "x"}}, 400, "device"},
      {"/accounts/491510000001/disconnect", {{"device", 3}}, 404, "device"},
      {"/faults", {{"kind", "rain"}}, 400, "kind"},
      {"/faults", {{"kind", "ack_error"}}, 400, "code"},
      {"/faults", {{"kind", "silence"}, {"count", 0}}, 400, "count"},
      {"/faults", {{"kind", "silence"}, {"until", "noon"}}, 400, "until"},
  };
  for (const auto& [path, body, status, field] : cases)
    EXPECT_EQ(post(path, body, status).value("field", ""), field) << path << " " << body;
  EXPECT_EQ(get("/accounts").size(), 2u);
  EXPECT_EQ(get("/faults").size(), 0u);
}

TEST_F(ControlApi, RefusesWhatIsNoRequestOfItsOwn) {
  check(http_->Post("/accounts", "{", "application/json"), 400);
  check(http_->Post("/accounts", "[1]", "application/json"), 400);
  get("/nowhere", 404);
  const auto refused = http_->Put("/accounts", "{}", "application/json");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->get_header_value("Allow"), "GET, POST");
  get("/trace?limit=x", 400);
  get("/accounts/491510000001/messages?since=x", 400);
  remove("/accounts/491510000001/devices/x", 400);
  remove("/accounts/491510000001/devices/7", 404);
}

TEST_F(ControlApi, ShowsAndClearsViolations) {
  EXPECT_EQ(get("/violations"), json::array());
  loop_.post([this] {
    const ConnectionId id = server_.service().open(loop_.now());
    server_.service().receive(loop_.now(), id, as_bytes("GET / HTTP/1.1\r\n\r\n"));
  });
  const json violations = get("/violations");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0]["rule"], "link");
  remove("/violations");
  EXPECT_EQ(get("/violations"), json::array());
}

TEST(Identity, IsTheSameForTheSameSeed) {
  SystemRandom random;
  EXPECT_EQ(make_identity("a", random).authority.root.pub, make_identity("a", random).authority.root.pub);
  EXPECT_NE(make_identity("a", random).authority.root.pub, make_identity("b", random).authority.root.pub);
  EXPECT_NE(make_identity("", random).authority.root.pub, make_identity("", random).authority.root.pub);
}

TEST_F(ControlApi, SetsHowOldClientsMayBe) {
  EXPECT_EQ(put("/clients", {{"login", 5}, {"linking", 7}})["login"], 5);
  const json shown = put("/clients", {{"current", 9}, {"expires", 60}});
  EXPECT_EQ(shown["linking"], 7);
  EXPECT_EQ(shown["current"], 9);
  EXPECT_GT(shown["expires"], 1'700'000'000);
  EXPECT_EQ(put("/clients", {{"expires", 0}})["expires"], json());
  EXPECT_EQ(put("/clients", {{"login", -1}}, 400)["field"], "login");
}

TEST_F(ControlApi, ShowsTheServiceWorkerToBrowsersAlone) {
  put("/clients", {{"current", 1047769893}});
  EXPECT_EQ(http_->Get("/sw.js")->status, 400);
  EXPECT_EQ(http_->Get("/sw.js", {{"User-Agent", "Chrome/148.0.0.0"}})->status, 400);
  const auto script = http_->Get("/sw.js", {{"User-Agent", "Chrome/148.0.0.0"}, {"Sec-Fetch-Site", "none"}});
  EXPECT_EQ(script->status, 200);
  EXPECT_GT(script->body.find("client_revision\\\":1047769893,"), 64u * 1024);
  EXPECT_LT(script->body.find("client_revision\\\":1047769893,"), script->body.size());
  EXPECT_EQ(get("/clients")["asked"], 3);
}

}  // namespace
}  // namespace pigeond::sandbox
