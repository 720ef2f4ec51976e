// What the tests of this folder share: a simulated service with two accounts on a thread of its own, and a
// gateway beside it whose loop thread can be reached into.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "api/waha/config/session_config.h"
#include "api/waha/events.h"
#include "base/text.h"
#include "engine/messages/kinds/text.h"
#include "gateway/core.h"
#include "sandbox/server.h"

namespace pigeond::app {

inline constexpr const char* kPhone = "491510000001";
inline constexpr const char* kContact = "491510000002";

// Asks until the answer is true; false after a minute.
inline bool eventually(const std::function<bool()>& ask) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!ask()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pigeond-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Service {
 public:
  Service() {
    server_ = std::make_unique<sandbox::Server>(loop_, random_, sandbox::Options{});
    auto endpoints = server_->start();
    EXPECT_TRUE(endpoints) << endpoints.error().detail;
    endpoints_ = *endpoints;
    sandbox::NewAccount contact{kContact, {}, {}, {}};
    contact.options.reply = "echo";
    EXPECT_TRUE(server_->service().add_account(server_->now(), {kPhone, {}, {}, {}}));
    EXPECT_TRUE(server_->service().add_account(server_->now(), contact));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Service() {
    loop_.stop();
    thread_.join();
  }

  const sandbox::Endpoints& endpoints() const { return endpoints_; }

  void scan(const std::string& qr) {
    loop_.post([this, qr] {
      server_->service().scan(server_->now(), kPhone, qr, [](const Result<std::uint16_t>&) {});
      server_->pump();
    });
  }

  // What is worked on the service's thread.
  template <typename T>
  T on_loop(std::function<T(sandbox::Service&)> work) {
    std::promise<T> done;
    loop_.post([&] {
      done.set_value(work(server_->service()));
      server_->pump();
    });
    return done.get_future().get();
  }

  std::size_t connections() {
    return on_loop<std::size_t>([](sandbox::Service& service) { return service.connections(); });
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  net::Loop loop_{clock_};
  std::unique_ptr<sandbox::Server> server_;
  sandbox::Endpoints endpoints_;
  std::thread thread_;
};

// A gateway's core on a thread of its own; calls wait for their reply.
class Gateway {
 public:
  // `url`: where the service is said to be; empty: where it is.
  Gateway(const Service& service, std::string store, gateway::RunHooks hooks = {},
          const std::string& url = {}) {
    gateway::Options options;
    options.store_path = std::move(store);
    options.read_config = api::waha::read_stored_config;
    options.event_format = std::make_shared<api::waha::Events>();
    options.version = "test";
    options.whatsapp_url = url.empty() ? service.endpoints().ws : url;
    const auto key = parse_hex(service.endpoints().root_key);
    std::copy(key->begin(), key->end(), options.profile.root_key.begin());
    auto core = gateway::Core::open(std::move(options), clock_, random_);
    EXPECT_TRUE(core) << core.error().detail;
    core_ = std::move(*core);
    thread_ = std::thread([this, hooks = std::move(hooks)] { core_->run(hooks); });
  }
  ~Gateway() {
    core_->loop().post([this] { core_->shut_down(); });
    thread_.join();
  }

  void post(std::function<void(gateway::Core&)> work) {
    core_->loop().post([this, work = std::move(work)] { work(*core_); });
  }

  template <typename T>
  Result<T> call(const std::function<void(gateway::Core&, gateway::Reply<T>)>& work) {
    auto done = std::make_shared<std::promise<Result<T>>>();
    post([work, done](gateway::Core& core) {
      work(core, [done](Result<T> result) { done->set_value(std::move(result)); });
    });
    return done->get_future().get();
  }

  gateway::Views& views() { return core_->views(); }
  gateway::StorageState storage() const { return core_->storage(); }
  Result<gateway::SessionInfo> session(const std::string& name) { return views().whole_session(name); }
  gateway::SessionStatus status(const std::string& name) {
    const auto info = session(name);
    return info ? info->status : gateway::SessionStatus::stopped;
  }
  bool reaches(const std::string& name, gateway::SessionStatus wanted) {
    return eventually([&] { return status(name) == wanted; });
  }
  Result<gateway::SessionInfo> create(const std::string& name, bool start = true,
                                      const std::string& config = "{}") {
    const auto parsed = api::waha::parse_session_config(config);
    EXPECT_TRUE(parsed);
    return call<gateway::SessionInfo>([name, start, parsed](auto& core, auto reply) {
      core.create(name, start, *parsed, std::move(reply));
    });
  }
  Result<gateway::Departure> remove(const std::string& name, bool force = false) {
    return call<gateway::Departure>(
        [name, force](auto& core, auto reply) { core.remove(name, force, std::move(reply)); });
  }
  Result<gateway::Qr> qr(const std::string& name, Millis wait = 60 * kSecond) {
    return call<gateway::Qr>([name, wait](auto& core, auto reply) { core.qr(name, wait, std::move(reply)); });
  }
  Result<gateway::SentMessage> send(const std::string& name, const std::string& text) {
    return call<gateway::SentMessage>([name, text](auto& core, auto reply) {
      core.send({name, wire::pn(kContact), {}, engine::text_content(text), {}, {}}, std::move(reply));
    });
  }
  // Changes a row behind the gateway's back.
  void execute(const std::string& sql) {
    auto done = std::make_shared<std::promise<void>>();
    post([sql, done](gateway::Core& core) {
      core.database().prepare(sql).run();
      done->set_value();
    });
    done->get_future().get();
  }
  // Until its row is at rest: what the phone tells after linking is written there too, its name last.
  void link(const std::string& name, Service& service) {
    ASSERT_TRUE(create(name));
    const auto code = qr(name);
    ASSERT_TRUE(code) << code.error().detail;
    service.scan(code->text);
    ASSERT_TRUE(reaches(name, gateway::SessionStatus::working));
    ASSERT_TRUE(eventually([&] {
      const auto info = session(name);
      return info && info->me && !info->me->push_name.empty();
    }));
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<gateway::Core> core_;
  std::thread thread_;
};

}  // namespace pigeond::app
