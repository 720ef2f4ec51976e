// From a request to its row: whether the key may, by the head of the request alone.
#include "api/operations/dispatcher.h"

#include <gtest/gtest.h>

#include "api/waha/formats.h"
#include "base/random.h"
#include "unit/store/temporary.h"

namespace pigeond::api {
namespace {

struct Listen {
  std::string session;
  static constexpr const char* kName = "Listen";
  static void describe(schema::Input<Listen>& is) { is.session(&Listen::session, waha::kSession); }
};

class Dispatching : public ::testing::Test {
 protected:
  Dispatching() {
    gateway::Options options;
    options.store_path = folder.file("p.db");
    gateway = std::move(gateway::Gateway::open(std::move(options), clock, random).value());
    const auto answer = [](const std::string& told) {
      return net::HttpReply{200, "text/plain", told.empty() ? "all" : told, {}};
    };
    dispatcher.emplace(
        *gateway,
        Operations{
            stream<Listen>({"GET", "/listen", "listen", "x", Scope::read, Whose::named, "Listens"},
                           [answer](const Call&, const Listen& in) -> net::HttpAdmission {
                             return net::HttpAnswer{answer(in.session)};
                           }),
            operation<Listen>({"GET", "/look", "look", "x", Scope::read, Whose::one, "Looks"},
                              [answer](const Call&, const Listen& in) { return answer(in.session); })});
  }

  // As the server does it: the status and the body.
  std::pair<int, std::string> ask(const Caller& caller, const std::string& path, const std::string& session,
                                  const std::string& method = "GET") {
    net::HttpRequest request;
    request.method = method;
    request.path = "/" + path;
    request.segments = {path};
    if (!session.empty()) request.query.emplace("session", session);
    const auto found = dispatcher->find(request, caller);
    if (const auto* refusal = std::get_if<net::HttpReply>(&found)) return {refusal->status, refusal->body};
    const Operation& row = *std::get<const Operation*>(found);
    if (!row.open) {
      const auto reply = dispatcher->run(row, caller, request);
      return {reply.status, reply.body};
    }
    const auto admission = dispatcher->open(row, caller, request);
    const auto& reply = std::get<net::HttpAnswer>(admission).reply;
    return {reply.status, reply.body};
  }

  store::TemporaryFolder folder;
  SystemClock clock;
  SeededRandom random{1};
  std::unique_ptr<gateway::Gateway> gateway;
  std::optional<const Dispatcher> dispatcher;
  const Caller anyone{"1", "", {Scope::admin}, {}}, reader{"2", "", {Scope::read}, {"a", "b"}},
      sender{"3", "", {Scope::send}, {}};
};

TEST_F(Dispatching, TheScopeOfAStreamIsThatOfItsRow) {
  EXPECT_EQ(ask(anyone, "listen", "a"), std::pair(200, std::string("a")));
  EXPECT_EQ(ask(sender, "listen", "a").first, 403);
  EXPECT_EQ(ask(sender, "look", "a").first, 403);
}

TEST_F(Dispatching, WhoIsForSomeSessionsHasToNameOneOfThem) {
  EXPECT_EQ(ask(anyone, "listen", ""), std::pair(200, std::string("all")));
  EXPECT_EQ(ask(reader, "listen", "b"), std::pair(200, std::string("b")));
  const auto [status, body] = ask(reader, "listen", "");
  EXPECT_EQ(status, 403);
  EXPECT_NE(body.find("session has to name one of them"), std::string::npos) << body;
  EXPECT_EQ(ask(reader, "listen", "c").first, 403);
  EXPECT_EQ(ask(reader, "look", "c").first, 403);
}

TEST_F(Dispatching, AStreamIsAskedForWithItsFieldsAndNotForItsHeadAlone) {
  EXPECT_EQ(ask(anyone, "listen", "no name").first, 400);
  EXPECT_EQ(ask(anyone, "listen", "a", "HEAD").first, 405);
  EXPECT_EQ(ask(anyone, "look", "a", "HEAD").first, 200);
  EXPECT_EQ(ask(anyone, "listen", "a", "POST").first, 405);
  EXPECT_EQ(ask(anyone, "listens", "a").first, 404);
}

}  // namespace
}  // namespace pigeond::api
