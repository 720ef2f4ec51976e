#include "net/http/connection/httplib_answer.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/log.h"
#include "net/http/target.h"

namespace pigeond::net {
namespace {

// Fields that steer framing or cpp-httplib itself; the server has seen to them.
bool is_ours(std::string_view name) {
  return name == "connection" || name == "keep-alive" || name == "content-length" ||
         name == "transfer-encoding" || name == "trailer" || name == "range" || name == "expect" ||
         name == "content-type" || name == "accept-encoding";
}

class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string in) : in_(std::move(in)) {}

  bool is_readable() const override { return at_ < in_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const auto count = std::min(size, in_.size() - at_);
    std::memcpy(to, in_.data() + at_, count);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    out.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string out;

 private:
  const std::string in_;
  std::size_t at_ = 0;
};

struct Call {
  const HttpRequest& request;
  const HttpHandler& handler;
  const HttpErrorBody& error_body;
  HttplibAnswer answer;
  bool handled = false;
};
thread_local Call* current = nullptr;

std::string normal_form(const HttpRequest& request, bool keep_alive) {
  std::string out = request.method + " " + encode_http_path(request) + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) {
    if (is_ours(name)) continue;
    out += name + ": ";
    // cpp-httplib decodes all values but these.
    const bool decoded = name != "referer" && name != "location";
    for (const char c : value) {
      if (c == '%' && decoded) {
        out += "%25";
      } else {
        out += c;
      }
    }
    out += "\r\n";
  }
  out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return out;
}

bool same(const HttpRequest& ours, const httplib::Request& theirs) {
  if (theirs.method != ours.method || (!ours.segments.empty() && theirs.path != ours.path)) return false;
  return std::ranges::all_of(ours.headers, [&](const auto& header) {
    if (is_ours(header.first)) return true;
    const auto [first, last] = theirs.headers.equal_range(header.first);
    return std::any_of(first, last, [&](const auto& found) { return found.second == header.second; });
  });
}

}  // namespace

class HttplibAnswerer::Reader final : public httplib::Server {
 public:
  explicit Reader(Millis idle) {
    set_keep_alive_timeout(static_cast<time_t>(idle / kSecond));
    set_keep_alive_max_count(1'000'000);
    set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      serve(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr error) {
      failed(response, error);
    });
  }

  void process(MemoryStream& stream, bool keep_alive) {
    bool closed = false;
    (void)process_request(stream, {}, 0, {}, 0, !keep_alive, closed, nullptr);
  }

 private:
  static void serve(const httplib::Request& request, httplib::Response& response) {
    Call& call = *current;
    call.answer.agreed = same(call.request, request);
    if (!call.answer.agreed) return;
    call.handled = true;
    put(call.handler(call.request), response);
  }

  static void put(HttpReply reply, httplib::Response& response) {
    Call& call = *current;
    response.status = reply.status;
    for (const auto& [name, value] : reply.headers) response.set_header(name, value);
    if (!reply.body.empty()) response.set_content(std::exchange(reply.body, {}), reply.type);
    call.answer.reply = std::move(reply);
  }

  static void failed(httplib::Response& response, const std::exception_ptr& error) {
    int status = 500;
    try {
      std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
      status = 503;
    } catch (const std::exception& exception) {
      log::error("http_handler", {{"error", exception.what()}});
    } catch (...) {
      log::error("http_handler", {{"error", "unknown"}});
    }
    HttpReply reply;
    reply.status = status;
    reply.body = current->error_body(status, {});
    if (status == 503) reply.headers.emplace_back("Retry-After", "1");
    put(std::move(reply), response);
  }
};

HttplibAnswerer::HttplibAnswerer(Millis idle, HttpErrorBody error_body)
    : reader_(std::make_unique<Reader>(idle)), error_body_(std::move(error_body)) {}

HttplibAnswerer::~HttplibAnswerer() = default;

HttplibAnswer HttplibAnswerer::answer(const HttpRequest& request, const HttpHandler& handler,
                                      bool keep_alive) const {
  MemoryStream stream(normal_form(request, keep_alive));
  Call call{request, handler, error_body_, {}};
  struct Current {
    explicit Current(Call* call) { current = call; }
    ~Current() { current = nullptr; }
  } scope(&call);
  reader_->process(stream, keep_alive);
  if (!call.handled) call.answer.agreed = false;
  if (call.answer.agreed && !call.answer.reply.file && !call.answer.reply.stream)
    call.answer.bytes = std::move(stream.out);
  return std::move(call.answer);
}

}  // namespace pigeond::net
