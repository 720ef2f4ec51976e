// The table of operations: each row is served, is in the OpenAPI document, and is refused to keys that may
// not.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/operations/openapi.h"
#include "api/waha/operations.h"
#include "net/http/router.h"

namespace pigeond::api {
namespace {

const Operations& table() {
  static const Operations operations =
      waha::operations({"1.2.3", [] { return Json::object(); }, nullptr, nullptr});
  return operations;
}

net::HttpRequest request(const std::string& method, std::vector<std::string> segments) {
  net::HttpRequest out;
  out.method = method;
  for (const auto& segment : segments) out.path += "/" + segment;
  out.segments = std::move(segments);
  return out;
}

// A request that means the row: each {name} of its path is a word.
net::HttpRequest request_for(const Operation& operation) {
  std::vector<std::string> segments;
  std::size_t at = 1;
  while (at <= operation.path.size()) {
    const auto end = std::min(operation.path.find('/', at), operation.path.size());
    const auto segment = operation.path.substr(at, end - at);
    segments.push_back(segment.starts_with('{') ? "17" : segment);
    at = end + 1;
  }
  return request(operation.method, segments);
}

net::HttpRouter router() {
  net::HttpRouter out;
  for (const auto& operation : table()) out.add(operation.method, operation.path, nullptr);
  return out;
}

TEST(Operations, EachIsServedAndNoneHidesAnother) {
  const auto served = router();
  for (std::size_t i = 0; i < table().size(); ++i) {
    auto http = request_for(table()[i]);
    const auto match = served.find(http);
    ASSERT_EQ(match.outcome, net::HttpRouter::Outcome::found) << table()[i].path;
    EXPECT_EQ(match.route, i) << table()[i].path << " is hidden by " << table()[match.route].path;
  }
}

TEST(Operations, EachHasAnIdOfItsOwnAndTellsWhatItAnswers) {
  std::set<std::string> ids;
  for (const auto& operation : table()) {
    EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
    EXPECT_FALSE(operation.summary.empty()) << operation.id;
    EXPECT_TRUE(std::ranges::any_of(operation.answers, [](const Answer& answer) {
      return answer.status < 300;
    })) << operation.id;
    EXPECT_EQ((operation.run ? 1 : 0) + (operation.open ? 1 : 0), 1) << operation.id << " has one handler";
  }
}

TEST(Operations, WhatIsAboutOneSessionSaysWhich) {
  for (const auto& operation : table()) {
    const bool names = std::ranges::any_of(operation.in->all(), &schema::Field::is_session);
    EXPECT_EQ(operation.whose == Whose::one || operation.whose == Whose::named, names) << operation.id;
    EXPECT_EQ(static_cast<bool>(operation.session_of), names) << operation.id;
  }
}

TEST(Operations, EveryPathParameterIsAField) {
  for (const auto& operation : table()) {
    for (auto open = operation.path.find('{'); open != std::string::npos;
         open = operation.path.find('{', open + 1)) {
      const auto name = operation.path.substr(open + 1, operation.path.find('}', open) - open - 1);
      EXPECT_NE(operation.in->find(name), nullptr) << operation.id << " " << name;
    }
  }
}

TEST(Operations, EachIsInTheDocumentWithItsErrors) {
  const Json document = Json::parse(openapi_document(table(), "1.2.3"));
  std::size_t count = 0;
  for (const auto& [path, methods] : document.at("paths").items()) count += methods.size();
  EXPECT_EQ(count, table().size());
  for (const auto& operation : table()) {
    std::string method = operation.method;
    for (auto& c : method) c = static_cast<char>(c + 32);
    const Json& row = document.at("paths").at(operation.path).at(method);
    EXPECT_EQ(row.at("operationId"), operation.id);
    for (const auto& answer : operation.answers)
      EXPECT_TRUE(row.at("responses").contains(std::to_string(answer.status))) << operation.id;
    for (const char* status : {"401", "429", "503"})
      EXPECT_TRUE(row.at("responses").contains(status)) << operation.id;
    EXPECT_EQ(row.at("responses").contains("400"), !operation.in->all().empty()) << operation.id;
    EXPECT_EQ(row.at("responses").contains("403"),
              operation.scope != Scope::any || operation.whose == Whose::one || operation.whose == Whose::all)
        << operation.id;
  }
}

const Operation& row(std::string_view id) {
  return *std::ranges::find(table(), id, &Operation::id);
}

Status read(std::string_view id, const std::string& body, std::multimap<std::string, std::string> query = {},
            std::multimap<std::string, std::string> headers = {}) {
  const Operation& operation = row(id);
  net::HttpRequest http = request_for(operation);
  http.query = std::move(query);
  http.headers = std::move(headers);
  http.body = body;
  const auto served = router();
  EXPECT_EQ(served.find(http).outcome, net::HttpRouter::Outcome::found);
  return read_request(operation, http, operation.make_input().get());
}

std::string error_of(const Status& read) {
  return read ? "no error" : read.error().detail;
}

TEST(Operations, StreamsAreAskedForAsWahaDoesAndByIdInQueryOrHeader) {
  const std::string id = "evt_01kb2zc5wp0000002a3f9k2c01";
  for (const char* stream : {"openWebSocket", "openEventStream"}) {
    EXPECT_TRUE(row(stream).open) << stream;
    EXPECT_EQ(row(stream).scope, Scope::read);
    EXPECT_EQ(error_of(read(stream, "")), "no error");
    EXPECT_EQ(error_of(read(stream, "",
                            {{"session", "*"},
                             {"events", "message,,message.ack"},
                             {"events", "session.status"},
                             {"events", ""},
                             {"lastEventId", id}})),
              "no error");
    EXPECT_EQ(error_of(read(stream, "", {{"session", "a"}, {"events", "*"}}, {{"last-event-id", id}})),
              "no error");
    EXPECT_EQ(error_of(read(stream, "", {{"session", "a b"}})), "session must be a session's name, or *");
    EXPECT_EQ(error_of(read(stream, "", {{"lastEventId", "7"}})), "lastEventId must be the id of an event");
    EXPECT_EQ(error_of(read(stream, "", {}, {{"last-event-id", "7"}})),
              "Last-Event-ID must be the id of an event");
    for (const char* wrong : {"message,label.upsert", "Message", "session.status ,message"})
      EXPECT_TRUE(error_of(read(stream, "", {{"events", wrong}})).starts_with("events: \"")) << wrong;
    EXPECT_EQ(error_of(read(stream, "", {{"events", std::string(5000, 'x')}})), "events is too long");
  }
}

TEST(Operations, FieldsAreReadFromPathQueryHeaderAndBody) {
  EXPECT_EQ(error_of(read("listOutbox", "", {{"limit", "10"}, {"offset", ""}})), "no error");
  EXPECT_EQ(error_of(read("listOutbox", "", {{"limit", "ten"}})),
            "limit must be a whole number from 1 to 1000");
  EXPECT_EQ(error_of(read("listOutbox", "", {{"limit", "1e9"}})),
            "limit must be a whole number from 1 to 1000");
  EXPECT_EQ(error_of(read("listSessions", "", {{"all", "maybe"}})), "all must be true or false");
  EXPECT_EQ(error_of(read("listSessions", "not looked at", {{"all", "false"}})), "no error");
  EXPECT_EQ(error_of(read("sendText", "[]")), "body: must be a JSON object");
  EXPECT_EQ(error_of(read("sendText",
                          R"({"chatId":"491510000002","text":"x","reply_to":"","id":"","mentions":null})")),
            "no error");
  EXPECT_EQ(error_of(read("sendText", R"({"chatId":"+49 (151) 000-0002","text":"x"})")),
            "chatId must be a phone number of 5 to 20 digits, with the country's code, or an id that ends in "
            "@c.us, @lid, "
            "@g.us, @newsletter or @broadcast; did you mean 491510000002?");
  EXPECT_EQ(
      error_of(read("sendText", R"({"chatId":"491510000002","text":"x","async":true})", {{"async", "x"}})),
      "async must be true or false");
  EXPECT_EQ(
      error_of(read("sendText", R"({"chatId":"491510000002","text":"x"})", {}, {{"idempotency-key", ""}})),
      "Idempotency-Key must be 1 to 255 printable ASCII characters");
  EXPECT_EQ(error_of(read("deleteSession", "", {{"force", "true"}})), "no error");
  EXPECT_EQ(error_of(read("deleteSession", R"({"force":"x"})")), "force must be true or false");
  EXPECT_EQ(error_of(read("createSession", R"({"config":{"webhooks":[{"url":"ftp://x","events":["*"]}]}})"))
                .substr(0, 22),
            "config.webhooks[0].url");
}

}  // namespace
}  // namespace pigeond::api
