// Caps, deadlines, and what happens when threads, descriptors or memory run out.
#include <sys/resource.h>

#include <fstream>
#include <list>
#include <system_error>

#include "base/limits.h"
#include "http_support.h"
#include "net/http/workers.h"

namespace pigeond::net {
namespace {

// For tests that open many sockets.
void allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, count));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int threads_of_this_process() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  return -1;
}

TEST_F(HttpServerTest, AThousandIdleConnectionsCostNoThreadAndNoBuffer) {
  allow_descriptors(4096);
  open();
  const int before = threads_of_this_process();
  std::list<RawClient> idle;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(idle.emplace_back(port).connected());
  ASSERT_TRUE(eventually([&] { return server->counters().connections == 1000; }));
  EXPECT_EQ(threads_of_this_process(), before);
  EXPECT_EQ(body_of(ask(get("/ping"))), "pong");
  EXPECT_EQ(body_of(ask(get("/worker"))), "GET /worker ");
  const auto counters = server->counters();
  EXPECT_EQ(counters.evicted + counters.refused, 0U);
  EXPECT_EQ(counters.body_bytes, 0U);
}

TEST_F(HttpServerTest, SlowClientsHoldNobodyUp) {
  allow_descriptors(4096);
  open();
  std::list<RawClient> slow;
  for (int i = 0; i < 500; ++i) {
    slow.emplace_back(port).send(i % 2 == 0 ? "G"
                                            : "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx");
  }
  ASSERT_TRUE(eventually([&] { return server->counters().connections == 500; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(body_of(ask(get("/worker"))), "GET /worker ");
  turn(10 * kSecond);
  for (auto& client : slow) EXPECT_EQ(status_of(client.read_all()), "HTTP/1.1 408");
  EXPECT_EQ(server->counters().timeouts, 500U);
}

TEST_F(HttpServerTest, AHeadHasOneDeadlineHoweverItIsSent) {
  open();
  RawClient client(port);
  client.send("GET /ping HT");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(eventually([&] { return server->counters().bytes_read == 12U + static_cast<unsigned>(i); }));
    turn(3 * kSecond);
    client.send("T");
  }
  turn(kSecond);
  EXPECT_EQ(status_of(client.read_all()), "HTTP/1.1 408");
}

TEST_F(HttpServerTest, ABodyKeepsALeastRate) {
  open();
  RawClient client(port);
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n");
  std::uint64_t sent = server->counters().bytes_read;
  ASSERT_TRUE(eventually([&] { return (sent = server->counters().bytes_read) > 0; }));
  const auto send_and_wait = [&](std::size_t count) {
    client.send(std::string(count, 'x'));
    sent += count;
    ASSERT_TRUE(eventually([&] { return server->counters().bytes_read == sent; }));
    turn(10 * kSecond);
  };
  send_and_wait(10'240);
  send_and_wait(10'240);
  EXPECT_EQ(server->counters().timeouts, 0U);
  send_and_wait(1000);
  EXPECT_EQ(status_of(client.read_all()), "HTTP/1.1 408");
}

TEST_F(HttpServerTest, IdleConnectionsEndAfterTheirTime) {
  open();
  RawClient fresh(port), used(port);
  used.send(get("/worker"));
  EXPECT_EQ(status_of(used.read_reply()), "HTTP/1.1 200");
  ASSERT_TRUE(eventually([&] { return server->counters().connections == 2; }));
  turn(kMinute);
  EXPECT_TRUE(fresh.ended());
  turn(kMinute);  // whose worker answered by itself is noticed with the first turn
  EXPECT_TRUE(used.ended());
}

TEST_F(HttpServerTest, WhoDoesNotReadItsAnswersIsCut) {
  more = [](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpWork{[](const HttpRequest&) { return text(std::string(32'000'000, 'x')); }};
  };
  open();
  RawClient client(port);
  client.send(get("/big"));
  ASSERT_FALSE(client.read_bytes(1).empty());
  ASSERT_TRUE(eventually([&] {
    turn(kMinute);
    return server->counters().timeouts == 1;
  }));
  EXPECT_LT(client.read_all().size(), 32'000'000U);
}

TEST_F(HttpServerTest, TheOldestIdleConnectionGoesFirst) {
  HttpServer::Options options;
  options.connections = 4;
  options.peer_connections = 2;
  open(std::move(options));
  RawClient first(port);
  first.send(get("/worker"));  // idle again, though only its worker knows
  (void)first.read_reply();
  clock.ahead += kSecond;
  RawClient second(port);
  second.send(get("/ping"));
  (void)second.read_reply();
  clock.ahead += kSecond;
  RawClient third(port);
  third.send(get("/ping"));
  EXPECT_EQ(body_of(third.read_reply()), "pong");
  EXPECT_EQ(server->counters().evicted, 1U);
  EXPECT_TRUE(first.ended());
  second.send(get("/ping"));
  EXPECT_EQ(body_of(second.read_reply()), "pong");
}

TEST_F(HttpServerTest, WhereNoneIsIdleAHeadThatTakesLongMakesRoom) {
  HttpServer::Options options;
  options.connections = 4;
  options.peer_connections = 2;
  open(std::move(options));
  RawClient slow(port), busy(port);
  slow.send("GET /ping HT");
  busy.send(get("/gate"));
  gate.wait_for_waiting(1);
  ASSERT_TRUE(eventually([&] { return server->counters().bytes_read == 12U + get("/gate").size(); }));
  RawClient early(port);
  EXPECT_TRUE(early.ended()) << "a head may take a moment";
  clock.ahead += 3 * kSecond;
  RawClient late(port);
  late.send(get("/ping"));
  EXPECT_EQ(body_of(late.read_reply()), "pong");
  EXPECT_TRUE(slow.ended());
  gate.open();
  EXPECT_EQ(body_of(busy.read_reply()), "through");
}

TEST_F(HttpServerTest, WhoWaitsForADelayedRefusalMakesRoom) {
  HttpServer::Options options;
  options.connections = 4;
  options.peer_connections = 2;
  more = [](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/guess") return std::nullopt;
    return HttpAnswer{text("no", 401), kHour};
  };
  open(std::move(options));
  RawClient first(port), second(port);
  for (auto* client : {&first, &second}) client->send(get("/guess"));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 2; }));
  RawClient third(port);
  third.send(get("/ping"));
  EXPECT_EQ(body_of(third.read_reply()), "pong");
}

TEST_F(HttpServerTest, WhatIsAnsweredLaterIsAnsweredInTheEnd) {
  std::vector<HttpResponder> kept;
  more = [&](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/later") return std::nullopt;
    return HttpLater{[&](const HttpRequest&, const HttpResponder& respond) { kept.push_back(respond); }, 100,
                     40 * kSecond};
  };
  open();
  RawClient client(port);
  client.send(get("/later"));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 1; }));
  turn(41 * kSecond);
  EXPECT_EQ(status_of(client.read_reply()), "HTTP/1.1 504");
  on_loop([&] { kept.at(0)(text("too late")); });
  client.send(get("/ping"));
  EXPECT_EQ(body_of(client.read_reply()), "pong") << "nothing of the late answer is in between";
  on_loop([&] { kept.clear(); });
}

TEST_F(HttpServerTest, APeerThatIsBusyEverywhereGetsNoFurtherConnection) {
  HttpServer::Options options;
  options.connections = 4;
  options.peer_connections = 2;
  open(std::move(options));
  RawClient first(port), second(port);
  for (auto* client : {&first, &second}) client->send(get("/gate"));
  gate.wait_for_waiting(2);
  RawClient third(port);
  EXPECT_TRUE(third.ended());
  EXPECT_EQ(server->counters().refused, 1U);
  gate.open();
  EXPECT_EQ(body_of(first.read_reply()), "through");
}

TEST_F(HttpServerTest, RefusedBodiesAreNotHeld) {
  allow_descriptors(4096);
  open();
  std::list<RawClient> clients;
  for (int i = 0; i < 140; ++i)
    clients.emplace_back(port).send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
  for (auto& client : clients) EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), "HTTP/1.1 401");
  for (auto& client : clients) client.send(std::string(50'000, 'x'));
  for (auto& client : clients) client.send_end();
  for (auto& client : clients) (void)client.read_all();
  // Heads were read and no body was: what came after is thrown away by the closing stream.
  EXPECT_LT(server->counters().bytes_read, 140U * 200U);
  EXPECT_EQ(server->counters().body_bytes, 0U);
}

TEST_F(HttpServerTest, ADelayedRefusalHoldsNoBodyEither) {
  allow_descriptors(4096);
  more = [](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpAnswer{text("no", 401), kSecond * 5};
  };
  open();
  std::list<RawClient> clients;
  for (int i = 0; i < 140; ++i)
    clients.emplace_back(port).send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" +
                                    std::string(40'000, 'x'));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 140; }));
  on_loop([] {});
  EXPECT_LT(server->counters().bytes_read, 140U * 33'000U);  // one read of each, which is dropped
  turn(5 * kSecond);
  for (auto& client : clients) EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), "HTTP/1.1 401");
}

TEST_F(HttpServerTest, BodiesInMemoryHaveALimitAllTogether) {
  HttpServer::Options options;
  options.body_bytes = 1'000'000;
  open(std::move(options));
  const std::string head = "POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n";
  RawClient first(port);
  first.send(head + std::string(600'000, 'x'));
  gate.wait_for_waiting(1);
  EXPECT_EQ(server->counters().body_bytes, 600'000U);
  const auto refused = ask_all(head);
  EXPECT_EQ(status_of(refused), "HTTP/1.1 503");
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(server->counters().overloads, 1U);
  gate.open();
  EXPECT_EQ(body_of(first.read_reply()), "through");
  EXPECT_TRUE(eventually([&] { return server->counters().body_bytes == 0; }));
}

TEST_F(HttpServerTest, WithoutAThreadRequestsAreRefusedAndTheLoopGoesOn) {
  std::atomic<bool> none{true};
  HttpServer::Options options;
  options.make_thread = [&](std::function<void()> body) {
    if (none) throw std::system_error(EAGAIN, std::generic_category());
    std::thread(std::move(body)).detach();
  };
  open(std::move(options));
  const auto refused = ask_all(post("/worker", "x"));
  EXPECT_EQ(status_of(refused), "HTTP/1.1 503");
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(body_of(ask(get("/ping"))), "pong");
  none = false;
  EXPECT_EQ(body_of(ask(post("/worker", "x"))), "POST /worker x");
}

TEST_F(HttpServerTest, WithOneThreadLeftRequestsWaitForIt) {
  std::atomic<int> made{0};
  HttpServer::Options options;
  options.make_thread = [&](std::function<void()> body) {
    if (made++ > 0) throw std::system_error(EAGAIN, std::generic_category());
    std::thread(std::move(body)).detach();
  };
  open(std::move(options));
  RawClient holder(port), waiting(port);
  holder.send(get("/gate"));
  gate.wait_for_waiting(1);
  waiting.send(get("/worker"));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 2; }));
  EXPECT_EQ(handled, 0);
  gate.open();
  EXPECT_EQ(body_of(waiting.read_reply()), "GET /worker ");
  EXPECT_EQ(body_of(holder.read_reply()), "through");
}

TEST_F(HttpServerTest, AFullQueueIsSaidAtOnce) {
  HttpServer::Options options;
  options.workers = 1;
  options.queue = 1;
  open(std::move(options));
  RawClient served(port), queued(port);
  served.send(get("/gate"));
  gate.wait_for_waiting(1);
  queued.send(get("/worker"));
  ASSERT_TRUE(eventually([&] { return server->counters().requests == 2; }));
  EXPECT_EQ(status_of(ask_all(get("/worker"))), "HTTP/1.1 503");
  EXPECT_EQ(body_of(ask(get("/ping"))), "pong");
  gate.open();
  EXPECT_EQ(body_of(queued.read_reply()), "GET /worker ");
}

TEST_F(HttpServerTest, WithoutDescriptorsItWaitsAndGivesUpWhatIsIdle) {
  HttpServer::Options options;
  open(std::move(options));
  RawClient idle(port), client(port);
  client.send(get("/ping"));
  EXPECT_EQ(body_of(client.read_reply()), "pong");
  ASSERT_TRUE(eventually([&] { return server->counters().connections == 2; }));
  // A socket that is connected but can not be accepted: the limit is below every free number.
  const UniqueFd kept(::socket(AF_INET, SOCK_STREAM, 0));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto address = parse_ip("127.0.0.1", port);
  ASSERT_EQ(::connect(kept.get(), address->get(), address->size), 0);
  ASSERT_TRUE(eventually([&] { return server->counters().evicted > 0; }));
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(eventually([&] {
    turn(kSecond);
    return server->counters().accepted == 3;
  }));
}

TEST(HttpWorkers, ThreadsAreMadeForWhatWaitsAndRunItAllBeforeTheEnd) {
  Gate gate;
  std::atomic<int> done{0};
  HttpWorkers workers(4, 100);
  for (int i = 0; i < 4; ++i)
    ASSERT_EQ(workers.submit([&] {
      gate.wait();
      ++done;
    }),
              HttpWorkers::Outcome::taken);
  gate.wait_for_waiting(4);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(workers.submit([&] { ++done; }), HttpWorkers::Outcome::taken);
  EXPECT_EQ(workers.submit([] {}), HttpWorkers::Outcome::queue_full);
  gate.open();
  workers.stop();
  EXPECT_EQ(done, 104);
}

}  // namespace
}  // namespace pigeond::net
