// The front door: HTTP/1.1 over TCP, TLS and unix sockets.
//
// Connections are sockets of one epoll loop on a thread of its own; an idle one costs its descriptor and a
// few hundred bytes. The loop reads heads and bodies under limits and deadlines, asks the listener's `admit`
// what becomes of each request before it reads the body, and hands what has to block to a pool of workers,
// which grows with the load and shrinks to nothing. What can not be served now (no thread, queue full, too
// many bodies, out of memory) is answered with 503 and Retry-After. Requests on one connection are answered
// in order; after one that is malformed nothing more is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http/admission.h"
#include "net/http/message.h"
#include "net/loop.h"
#include "net/network.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

// Since the start; `connections`, `idle` and `body_bytes` are of now.
struct HttpCounters {
  std::uint64_t connections = 0;    // open, upgraded ones not among them
  std::uint64_t idle = 0;           // of these, between requests
  std::uint64_t accepted = 0;       // connections
  std::uint64_t refused = 0;        // connections, over a cap
  std::uint64_t evicted = 0;        // idle connections closed for others
  std::uint64_t timeouts = 0;       // heads, bodies and answers that took too long
  std::uint64_t requests = 0;       // whose head was complete
  std::uint64_t malformed = 0;      // heads and bodies that broke the protocol or a limit
  std::uint64_t client_errors = 0;  // answers 4xx
  std::uint64_t server_errors = 0;  // answers 5xx
  std::uint64_t overloads = 0;      // of these, 503 for want of a worker, room or memory
  std::uint64_t bytes_read = 0;
  std::uint64_t body_bytes = 0;  // bodies held in memory
};

class HttpServer {
 public:
  struct Options {
    // Caps. Where a peer is at its own, its oldest idle connection goes, or the one that has been sending its
    // head for longest (over 2 s); if there is neither, the new one;
    // likewise in total. A peer is an IPv4 address or an IPv6 /64; unix sockets have no cap of their own.
    // The process's soft limit of descriptors is raised to twice the connections, where its hard limit lets
    // it.
    std::size_t connections = limits::kHttpConnections;  // lowered to half of the descriptors there are
    std::size_t peer_connections = limits::kHttpPeerConnections;  // lowered to half of `connections`
    std::size_t workers = 128;                                    // threads, at most
    std::size_t queue = limits::kHttpQueue;                       // requests that wait for one
    std::size_t body_bytes = limits::kHttpBodies;                 // of bodies in memory, all together
    Millis head_time = 10 * kSecond;  // from a head's first byte to its last; TLS handshakes too
    Millis idle_time = 60 * kSecond;  // without a request
    // In each window of this length at least 1 KB a second of a body has to come, or its end.
    Millis rate_window = 10 * kSecond;
    Millis write_time = 60 * kSecond;  // in which at least something of an answer is taken by its client
    Clock* clock = nullptr;            // null: the system's. Its user wakes the loop after turning it
    // Headers of answers that the server itself gives (413, 503, 504...), by the request's head, for as far
    // as that was read: one that can't be read (400, 408, 431) has none. On the loop.
    std::function<HttpHeaders(const HttpRequest&)> error_headers = {};
    // How workers get their threads, see net/http/workers.h; empty: std::thread.
    std::function<void(std::function<void()>)> make_thread = {};
  };

  HttpServer(Options options, HttpErrorBody error_body);
  ~HttpServer();  // stop()

  // Before start(), any number of times; each with its own table. The bound port. io or bad_input, naming the
  // address: also when another process, or another server of this one, listens there.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port, HttpAdmit admit,
                               TlsIdentities identities = {});
  // `mode` are the socket file's permissions, e.g. 0660. A file left by a process that is gone is replaced;
  // one where somebody answers, or that is no socket, is an error. Removed by stop().
  Status listen_unix(const std::string& path, unsigned mode, HttpAdmit admit);

  Status start();  // runs the loop on a thread of its own. io: no thread to be had

  // From now on listeners are closed, idle connections too, and every new request is answered by `refusal`
  // (503 with Retry-After) and `Connection: close`. Requests under way go on. From any thread.
  void stop_accepting(HttpReply refusal);
  // Ends everything: waits up to `grace` (ms) for requests under way, then cuts them. Handlers that still run
  // on workers are waited for, as they may use what their owner destroys next. Idempotent; not from the loop.
  void stop(Millis grace = 1 * kSecond);

  HttpCounters counters() const;  // from any thread
  Loop& loop();                   // post() from any thread; the rest from the loop's
  Network& network();             // for what is made on the loop: WebSockets of upgraded connections

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::net
