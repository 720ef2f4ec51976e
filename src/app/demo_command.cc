// Gateway and simulated WhatsApp in one process, with an account linked and a contact that answers: to try
// the API with no phone and no network.
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "app/commands.h"
#include "app/daemon.h"
#include "app/rest_client.h"
#include "app/signals.h"
#include "base/log.h"
#include "base/text.h"
#include "net/address.h"
#include "net/posix.h"
#include "sandbox/server.h"

namespace pigeond::app {
namespace {

constexpr const char* kSession = "default";
constexpr const char* kPhone = "491510000001";
constexpr const char* kContact = "491510000002";
constexpr const char* kContactChat = "491510000002@c.us";
constexpr std::chrono::seconds kPatience{30};

// The simulated service on a thread of its own.
class DemoService {
 public:
  ~DemoService() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }

  Status start(sandbox::Options options) {
    server_ = std::make_unique<sandbox::Server>(loop_, random_, std::move(options));
    PIGEOND_TRY(endpoints_, server_->start());
    sandbox::NewAccount account{kPhone, {}, "Demo", {}};
    sandbox::NewAccount contact{kContact, {}, "Echo", {}};
    contact.options.reply = "echo";
    PIGEOND_CHECK(server_->service().add_account(server_->now(), account));
    PIGEOND_CHECK(server_->service().add_account(server_->now(), contact));
    thread_ = std::thread([this] { loop_.run(); });
    return {};
  }

  // The account's phone scans the code; waits until its new device is there.
  Status scan(const std::string& qr) {
    auto done = std::make_shared<std::promise<Status>>();
    auto waiting = done->get_future();
    loop_.post([this, qr, done] {
      server_->service().scan(server_->now(), kPhone, qr, [done](Result<std::uint16_t> device) {
        done->set_value(device ? Status() : Status(device.error()));
      });
      server_->pump();
    });
    if (waiting.wait_for(kPatience) != std::future_status::ready)
      return fail(Cause::timed_out, "the scan did not end");
    return waiting.get();
  }

  const sandbox::Endpoints& endpoints() const { return endpoints_; }

 private:
  SystemClock clock_;
  SystemRandom random_;
  net::Loop loop_{clock_};
  std::unique_ptr<sandbox::Server> server_;
  sandbox::Endpoints endpoints_;
  std::thread thread_;
};

// What came in: printed, and counted for --once.
class Inbox {
 public:
  void take(const gateway::Event& event) {
    const auto* message = std::get_if<engine::MessageEvent>(&event.payload);
    if (message == nullptr || event.topic != gateway::Topic::message_in) return;
    const auto& from = message->sender_pn.empty() ? message->sender : message->sender_pn;
    std::printf("message from %s: %s\n", from.user.c_str(), message->body.c_str());
    std::fflush(stdout);
    const std::lock_guard lock(mutex_);
    ++count_;
    arrived_.notify_all();
  }
  bool wait_for_one() {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, kPatience, [this] { return count_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  int count_ = 0;
};

// A directory that goes with the demo.
class ScratchDirectory {
 public:
  ~ScratchDirectory() { remove(); }
  Status make() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    const char* chosen = std::getenv("TMPDIR");
    if (error) {
      return fail(Cause::io, std::string("no directory for temporary files: ") + (chosen ? chosen : "/tmp") +
                                 ": " + error.message() + " (TMPDIR names another)");
    }
    std::string name = (parent / "pigeond-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return fail(Cause::io, name + ": " + std::strerror(errno), errno);
    path_ = name;
    return {};
  }
  // From any thread; what is written meanwhile is tried once more.
  void remove() {
    std::error_code ignored;
    for (int i = 0; i < 2 && !path_.empty() && std::filesystem::exists(path_, ignored); ++i)
      std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// `wanted` where nobody listens, else 0, which takes any. Only for a port that the caller did not ask for.
int free_port(int wanted) {
  const auto address = net::parse_ip("127.0.0.1", static_cast<std::uint16_t>(wanted));
  const net::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;  // as the listeners do: a connection that lingers is no reason to go elsewhere
  if (!address || fd.get() < 0 || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    return wanted;
  return ::bind(fd.get(), address->get(), address->size) == 0 ? wanted : 0;
}

Status link(Daemon& daemon, DemoService& service) {
  auto& gateway = daemon.gateway();
  // The phones are new each time: what an older demo linked is worth nothing.
  PIGEOND_CHECK(gateway.remove(kSession));
  if (auto created = gateway.create(kSession, true, {}); !created) return created.error();
  PIGEOND_TRY(const gateway::Qr qr, gateway.qr(kSession, 10 * kSecond));
  PIGEOND_CHECK(service.scan(qr.text));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    PIGEOND_TRY(const gateway::SessionInfo session, gateway.session(kSession));
    if (session.status == gateway::SessionStatus::working) return {};
    if (std::chrono::steady_clock::now() > end) return fail(Cause::timed_out, "the session does not work");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void introduce(const Daemon& daemon, const DemoService& service) {
  const auto url = daemon.base_url();
  const auto key = daemon.key();
  std::printf(
      "pigeond demo: a gateway, and a simulated WhatsApp behind it.\n\n"
      "  API       %s\n"
      "  API key   %s\n"
      "  session   %s, linked as %s@c.us\n"
      "  contact   %s, answers what it gets\n"
      "  sandbox   %s (control), %s (chat server)\n\n"
      "Paste this into another terminal, for the examples of README.md:\n\n"
      "  U=%s; H='X-Api-Key: %s'; J='Content-Type: application/json'; C=%s\n\n"
      "Send a text, and see the answer appear here:\n\n"
      "  curl -s $U/api/sendText -H \"$H\" -H \"$J\" -d '{\"chatId\":\"%s\",\"text\":\"Hello\"}'\n\n"
      "Ctrl-C ends it.\n\n",
      url.c_str(), key.c_str(), kSession, kPhone, kContactChat, service.endpoints().control.c_str(),
      service.endpoints().ws.c_str(), url.c_str(), key.c_str(), service.endpoints().control.c_str(),
      kContactChat);
  std::fflush(stdout);
}

Status send_one(const Daemon& daemon, Inbox& inbox) {
  const RestClient rest(daemon.base_url(), daemon.key(), "the demo");
  const auto sent =
      rest.post("/api/sendText", {{"session", kSession}, {"chatId", kContactChat}, {"text", "Hello"}});
  if (!sent) return sent.error();
  if (!inbox.wait_for_one()) return fail(Cause::timed_out, "the contact did not answer");
  std::printf("ok\n");
  return {};
}

struct Plan {
  sandbox::Options sandbox;
  int api_port = 0;
  std::string store;
  bool once = false;
};

Result<Plan> read_plan(const Words& words) {
  PIGEOND_TRY(const auto arguments,
              Arguments::parse(words, {"api-port", "ws-port", "control-port", "store"}, {"once"}, 0));
  const auto port = [&arguments](const char* option, int usual) -> Result<int> {
    if (!arguments.has(option)) return free_port(usual);
    return arguments.port(option, usual);
  };
  Plan plan;
  PIGEOND_TRY(plan.api_port, port("api-port", 3000));
  PIGEOND_TRY(const int ws_port, port("ws-port", 4080));
  PIGEOND_TRY(const int control_port, port("control-port", 4081));
  plan.sandbox.ws_port = static_cast<std::uint16_t>(ws_port);
  plan.sandbox.control_port = static_cast<std::uint16_t>(control_port);
  plan.store = arguments.value("store");
  plan.once = arguments.has("once");
  return plan;
}

Result<Config> demo_config(const Plan& plan, const sandbox::Endpoints& endpoints, const std::string& folder) {
  Config config;
  config.whatsapp.url = endpoints.ws;
  const auto root_key = parse_hex(endpoints.root_key);
  if (!root_key || root_key->size() != config.profile.root_key.size())
    return fail(Cause::internal, "root key");
  std::copy(root_key->begin(), root_key->end(), config.profile.root_key.begin());
  config.api.port = plan.api_port;
  config.store.path = plan.store.empty() ? folder + "/pigeond.db" : plan.store;
  PIGEOND_CHECK(check_files(config));
  return config;
}

// What a person would do: link, then say how to go on. Runs beside the daemon, and ends it when something
// fails.
Status drive(Daemon& daemon, DemoService& service, Inbox& inbox, bool once) {
  PIGEOND_CHECK(link(daemon, service));
  introduce(daemon, service);
  return once ? send_one(daemon, inbox) : Status();
}

}  // namespace

int demo_command(const Words& words) {
  const auto plan = read_plan(words);
  if (!plan) return report(plan.error());
  log::set_level(log::Level::warning);
  Signals signals;
  ScratchDirectory scratch;
  if (auto made = scratch.make(); !made) return report(made.error());
  DemoService service;
  if (auto started = service.start(plan->sandbox); !started) return report(started.error());
  Inbox inbox;
  Daemon::Options options;
  auto config = demo_config(*plan, service.endpoints(), scratch.path());
  if (!config) return report(config.error());
  options.config = std::move(*config);
  options.on_event = [&](const gateway::EventSession&, const gateway::Event& event) { inbox.take(event); };
  auto daemon = Daemon::open(std::move(options));
  if (!daemon) return report(daemon.error());
  signals.start({[&] { (*daemon)->stop(); }, [] {}, [&] { scratch.remove(); }});
  Status driven;
  std::thread driver([&] {
    driven = drive(**daemon, service, inbox, plan->once);
    if (!driven || plan->once) (*daemon)->stop();
  });
  (*daemon)->run();
  driver.join();
  if (!driven && driven.cause() != Cause::shutting_down) return report(driven.error());
  return 0;
}

}  // namespace pigeond::app
