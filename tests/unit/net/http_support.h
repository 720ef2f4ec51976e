// A front door with a table of its own, and clients that write and read bytes.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/address.h"
#include "net/http/server.h"
#include "net/posix.h"

namespace pigeond::net {

// Goes as the system's does, and forward at will.
class TurnedClock final : public Clock {
 public:
  Instant now() override { return {system_.now().mono + ahead, system_.now().wall}; }
  std::atomic<Millis> ahead{0};

 private:
  SystemClock system_;
};

// A blocking socket that gives up after half a minute, which no test should see.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = parse_ip("127.0.0.1", port);
    join(address->get(), address->size);
  }
  explicit RawClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    join(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }
  // False when the other side has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void send_end() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

  // What came until `end` is among it; all of it when the connection ends before.
  std::string read_until(std::string_view end) {
    while (in_.find(end) == std::string::npos && fill()) {
    }
    const auto at = in_.find(end);
    return take(at == std::string::npos ? in_.size() : at + end.size());
  }
  std::string read_bytes(std::size_t count) {
    while (in_.size() < count && fill()) {
    }
    return take(std::min(count, in_.size()));
  }
  // One answer with a Content-Length: head and body.
  std::string read_reply(bool head_only = false) {
    auto reply = read_until("\r\n\r\n");
    const auto at = reply.find("Content-Length: ");
    if (at != std::string::npos && !head_only) reply += read_bytes(std::stoul(reply.substr(at + 16)));
    return reply;
  }
  // Everything to the end of the connection.
  std::string read_all() {
    while (fill()) {
    }
    return take(in_.size());
  }
  bool ended() { return in_.empty() && !fill(); }

 private:
  void join(const sockaddr* address, socklen_t size) {
    const timeval patience{30, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connected_ = ::connect(fd_.get(), address, size) == 0;
  }
  bool fill() {
    char buffer[16384];
    const auto count = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) ADD_FAILURE() << "nothing came for half a minute";
    if (count <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  std::string take(std::size_t count) {
    std::string taken = in_.substr(0, count);
    in_.erase(0, count);
    return taken;
  }

  UniqueFd fd_;
  bool connected_ = false;
  std::string in_;
};

// What several threads wait for.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

class HttpServerTest : public ::testing::Test {
 protected:
  using Admit = std::function<HttpAdmission(HttpRequest&)>;

  void TearDown() override {
    gate.open();
    if (server) server->stop();
  }

  static std::string error_text(int status, std::string_view reason) {
    return std::to_string(status) + " " + std::string(reason);
  }
  static HttpReply text(std::string body, int status = 200) {
    HttpReply reply;
    reply.status = status;
    reply.type = "text/plain";
    reply.body = std::move(body);
    return reply;
  }

  // By path: /ping at once, /refuse with 401 before the body, /gate on a worker when the gate opens, anything
  // else on a worker: "METHOD path body".
  HttpAdmission admit(HttpRequest& request) {
    if (more) {
      if (auto admission = more(request)) return std::move(*admission);
    }
    if (request.path == "/ping") return HttpAnswer{text("pong")};
    if (request.path == "/refuse") return HttpAnswer{text("no", 401)};
    if (request.path == "/gate") {
      return HttpWork{[this](const HttpRequest&) {
        gate.wait();
        return text("through");
      }};
    }
    return HttpWork{[this](const HttpRequest& served) {
      ++handled;
      return text(served.method + " " + served.path + " " + served.body);
    }};
  }

  void open(HttpServer::Options options = {}) {
    options.clock = &clock;
    server = std::make_unique<HttpServer>(std::move(options), error_text);
    auto bound = server->listen("127.0.0.1", 0, [this](HttpRequest& request) { return admit(request); });
    ASSERT_TRUE(bound) << bound.error().detail;
    port = *bound;
    ASSERT_TRUE(server->start());
  }
  void turn(Millis by) {
    clock.ahead += by;
    on_loop([] {});
  }
  // Runs on the server's loop, and waits for it.
  void on_loop(const std::function<void()>& work) {
    Gate done;
    server->loop().post([&] {
      work();
      done.open();
    });
    done.wait();
  }
  // Until the loop has made it so; its timers are given a push.
  bool eventually(const std::function<bool()>& done) {
    for (int i = 0; i < 6000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return done();
  }
  std::string ask(const std::string& bytes) {
    RawClient client(port);
    client.send(bytes);
    return client.read_reply();
  }
  // A request whose answer ends the connection.
  std::string ask_all(const std::string& bytes) {
    RawClient client(port);
    client.send(bytes);
    return client.read_all();
  }
  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  static std::string post(const std::string& target, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  static std::string status_of(const std::string& reply) { return reply.substr(0, 12); }
  static std::string body_of(const std::string& reply) {
    const auto at = reply.find("\r\n\r\n");
    return at == std::string::npos ? std::string() : reply.substr(at + 4);
  }

  TurnedClock clock;
  Gate gate;
  std::atomic<int> handled{0};
  std::function<std::optional<HttpAdmission>(HttpRequest&)> more;
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
};

}  // namespace pigeond::net
