#include "net/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>

#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace pigeond::net {
namespace {

constexpr int kMaxWorkers = 4;  // one dead name server must not hold up every other name

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || ends_with(host, ".localhost");
}

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) return fail(Cause::resolve, "cannot resolve " + host + ": " + ::gai_strerror(code), code);
  std::vector<Address> out;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    out.push_back(address);
  }
  ::freeaddrinfo(list);
  if (out.empty()) return fail(Cause::resolve, "no address for " + host);
  return out;
}

// What needs no lookup: literals, localhost, and names that none would find.
std::optional<Result<std::vector<Address>>> known(std::string host, std::uint16_t port) {
  if (!host.empty() && host.back() == '.') host.pop_back();
  if (auto literal = parse_ip(host, port)) return std::vector<Address>{*literal};
  if (is_localhost(host)) return std::vector<Address>{*parse_ip("127.0.0.1", port), *parse_ip("::1", port)};
  if (ends_with(host, ".local")) {
    return fail(Cause::resolve, "cannot resolve " + host +
                                    ": .local names need multicast DNS, which is not supported; use the IP "
                                    "address or a name from DNS or /etc/hosts");
  }
  return std::nullopt;
}

}  // namespace

struct Resolver::Shared {
  struct Job {
    RequestId id;
    std::string host;
    std::uint16_t port;
  };

  std::mutex mutex;      // guards loop, jobs and workers
  Loop* loop = nullptr;  // null once the resolver is gone
  std::deque<Job> jobs;
  int workers = 0;
  // Loop thread only:
  RequestId next_id = 1;
  std::unordered_map<RequestId, Answer> answers;

  void answer(RequestId id, Result<std::vector<Address>> result) {
    auto found = answers.find(id);
    if (found == answers.end()) return;  // cancelled
    Answer callback = std::move(found->second);
    answers.erase(found);
    callback(std::move(result));
  }

  static void work(const std::shared_ptr<Shared>& shared);
};

void Resolver::Shared::work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->jobs.empty()) {
    Job job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    lock.unlock();
    auto result = look_up(job.host, job.port);
    lock.lock();
    if (shared->loop == nullptr) break;
    std::weak_ptr<Shared> weak = shared;
    shared->loop->post([weak, id = job.id, result = std::move(result)]() mutable {
      if (auto alive = weak.lock()) alive->answer(id, std::move(result));
    });
  }
  --shared->workers;
}

Resolver::Resolver(Loop& loop) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
}

Resolver::~Resolver() {
  std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->jobs.clear();
  shared_->answers.clear();
}

Resolver::RequestId Resolver::resolve(const std::string& host, std::uint16_t port, Answer answer) {
  const RequestId id = shared_->next_id++;
  shared_->answers.emplace(id, std::move(answer));
  std::weak_ptr<Shared> weak = shared_;
  auto post = [&](Result<std::vector<Address>> result) {
    shared_->loop->post([weak, id, result = std::move(result)]() mutable {
      if (auto alive = weak.lock()) alive->answer(id, std::move(result));
    });
  };
  if (auto result = known(host, port)) {
    post(std::move(*result));
    return id;
  }
  // Static glibc must not load the host's NSS modules (they are of another build).
  static const int configured = ::__nss_configure_lookup("hosts", "files dns");
  (void)configured;
  std::lock_guard lock(shared_->mutex);
  shared_->jobs.push_back({id, host, port});
  if (shared_->workers >= kMaxWorkers) return id;
  try {
    std::thread(&Shared::work, shared_).detach();
    ++shared_->workers;
  } catch (const std::system_error& error) {
    if (shared_->workers > 0) return id;
    shared_->jobs.pop_back();
    post(fail(Cause::resolve, "cannot resolve " + host + ": no thread for it", error.code().value()));
  }
  return id;
}

void Resolver::cancel(RequestId id) {
  shared_->answers.erase(id);
}

}  // namespace pigeond::net
