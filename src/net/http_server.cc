#include "net/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/text.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kMaxTarget = 4096;  // bytes of path and query
constexpr const char* kOnlyRoute = "/";

// Threads are made when all others are busy, up to a limit, and end when they had nothing to do for a while:
// an idle gateway keeps none, 64 callers that wait for the server's acks get one each.
class ElasticPool final : public httplib::TaskQueue {
 public:
  explicit ElasticPool(std::size_t limit) : limit_(limit) {}

  bool enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    tasks_.push_back(std::move(task));
    if (idle_ >= tasks_.size()) {
      wake_.notify_one();
    } else if (running_ < limit_ && !add_thread() && running_ == 0) {
      tasks_.pop_back();
      return false;  // nobody would ever do it
    }
    return true;
  }

  void shutdown() override {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    ended_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  static constexpr auto kLinger = std::chrono::seconds(10);

  // False where the system has no thread to give (a limit of processes or of memory): the task waits for one
  // that is there.
  bool add_thread() {
    try {
      std::thread([this] { work(); }).detach();
    } catch (const std::system_error&) {
      return false;
    }
    ++running_;
    return true;
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (tasks_.empty()) {
        if (stopping_) break;
        ++idle_;
        const bool woken = wake_.wait_for(lock, kLinger, [this] { return stopping_ || !tasks_.empty(); });
        --idle_;
        if (!woken) break;
        continue;
      }
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
    --running_;
    // Notified under the lock: the pool may be destroyed as soon as shutdown() can return.
    ended_.notify_all();
  }

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable wake_, ended_;
  std::list<std::function<void()>> tasks_;
  std::size_t running_ = 0, idle_ = 0;
  bool stopping_ = false;
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

HttpRequest convert(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  const auto path_end = from.target.find_first_of("?#");
  request.path = httplib::detail::decode_url(from.target.substr(0, path_end), false);
  for (const auto part : split(request.path, '/'))
    if (!part.empty()) request.segments.emplace_back(part);
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower(name), value);
  request.body = from.body;
  return request;
}

}  // namespace

struct HttpServer::Impl {
  Options options;
  HttpHandler handler;
  ErrorBody error_body;
  httplib::Server server;
  std::thread listener;

  void serve(const httplib::Request& from, httplib::Response& to) {
    HttpReply reply = handler(convert(from));
    to.status = reply.status;
    for (auto& [name, value] : reply.headers) to.set_header(name, value);
    if (!reply.body.empty()) to.set_content(std::move(reply.body), reply.type);
  }

  void configure() {
    server.new_task_queue = [limit = options.threads] { return new ElasticPool(limit); };
    server.set_tcp_nodelay(true);
    // The default is SO_REUSEPORT, with which a second process would share the port, and take half of the
    // requests.
    server.set_socket_options([](int socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server.set_payload_max_length(options.body_limit);
    server.set_read_timeout(10);
    server.set_write_timeout(10);
    server.set_keep_alive_timeout(5);
    server.set_keep_alive_max_count(1000000);
    server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (request.target.size() > kMaxTarget) {
        response.status = 414;
        return httplib::Server::HandlerResponse::Handled;
      }
      // The request object is cpp-httplib's own and not const; `target` keeps the real path.
      auto& own = const_cast<httplib::Request&>(request);
      own.path = kOnlyRoute;
      // Forms are parsed before any handler, multipart heads with a std::regex that recurses for each
      // character: one of a kilobyte overflows the stack. Without a type a body is bytes, which the handlers
      // take for JSON.
      own.headers.erase("Content-Type");
      // Neither length nor chunks means no body (RFC 9112, 6.3); cpp-httplib would wait for one until its
      // time-out.
      if (!own.has_header("Content-Length") && !own.has_header("Transfer-Encoding")) {
        own.set_header("Content-Length", "0");
      }
      return httplib::Server::HandlerResponse::Unhandled;
    });
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      serve(request, response);
    };
    server.Get(kOnlyRoute, handle);
    server.Post(kOnlyRoute, handle);
    server.Put(kOnlyRoute, handle);
    server.Delete(kOnlyRoute, handle);
    server.Patch(kOnlyRoute, handle);
    server.Options(kOnlyRoute, handle);
    server.set_error_handler([this](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) response.set_content(error_body(response.status), "application/json");
    });
    server.set_exception_handler(
        [this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          response.status = 500;
          response.set_content(error_body(500), "application/json");
        });
  }
};

HttpServer::HttpServer(Options options, HttpHandler handler, ErrorBody error_body)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->handler = std::move(handler);
  impl_->error_body = std::move(error_body);
  impl_->configure();
}

HttpServer::~HttpServer() {
  stop();
}

Result<int> HttpServer::start() {
  const auto& host = impl_->options.host;
  int port = impl_->options.port;
  const bool bound =
      port == 0 ? (port = impl_->server.bind_to_any_port(host)) > 0 : impl_->server.bind_to_port(host, port);
  if (!bound) return fail(Cause::io, "cannot listen on " + host + ":" + std::to_string(impl_->options.port));
  impl_->listener = std::thread([this] { impl_->server.listen_after_bind(); });
  impl_->server.wait_until_ready();
  return port;
}

void HttpServer::stop() {
  impl_->server.stop();
  if (impl_->listener.joinable()) impl_->listener.join();
}

}  // namespace pigeond::net
