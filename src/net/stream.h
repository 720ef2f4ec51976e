// An asynchronous byte stream on a loop: TCP, or TLS over another stream. All calls on the loop thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::net {

// A stream's socket for somebody on another thread who writes to it himself. Holding the mutex keeps the
// socket from being closed; -1 once it is.
struct SocketLease {
  std::mutex mutex;
  int fd = -1;
};

class Stream {
 public:
  // Each is called from the loop, never from inside a call of the owner, and may destroy the stream.
  struct Callbacks {
    std::function<void()> on_open;          // connected, and for TLS: the other side verified
    std::function<void(ByteView)> on_data;  // the view is valid during the call
    std::function<void()> on_drained;       // all that was buffered has been handed to the kernel
    // Optional, TCP and unix sockets: the other side sends no more, and may still read. Without it that is
    // on_closed(link_lost).
    std::function<void()> on_end;
    // Once, last. resolve, io (code: errno), tls (code: BearSSL's), timed_out: never opened, or broken.
    // link_lost: the other side closed. cancelled: own close() is complete.
    std::function<void(Error)> on_closed;
  };

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;  // closes at once and calls nobody

  // May be set anew at any time, from inside a callback too.
  void set_callbacks(Callbacks callbacks) { callbacks_ = std::make_shared<Callbacks>(std::move(callbacks)); }

  // Takes all of `data` or, with too_large, nothing: at most limits::kStreamBuffer bytes wait for the other
  // side. Before on_open the bytes wait too. link_lost after close() or on_closed.
  virtual Status write(ByteView data) = 0;
  virtual std::size_t buffered() const = 0;    // bytes taken and not yet handed to the kernel
  virtual void set_reading(bool reading) = 0;  // false: back-pressure, no on_data until true again
  virtual void close() = 0;  // sends what is buffered (for up to 30 s), then ends; on_closed follows
  virtual std::string peer() const = 0;  // address, for logs
  // Where bytes written to the socket are what the other side reads (not TLS), else null. While somebody
  // writes through it, nobody may call write(), and buffered() must be 0.
  virtual std::shared_ptr<SocketLease> lease() { return nullptr; }

 protected:
  // Each returns false when the callee destroyed this stream.
  bool deliver_open();
  bool deliver_data(ByteView data);
  bool deliver_drained();
  bool wants_end() const { return callbacks_ && callbacks_->on_end; }
  bool deliver_end();
  void deliver_closed(Error error);
  std::weak_ptr<char> life() const { return life_; }  // expires with this object

 private:
  std::shared_ptr<Callbacks> callbacks_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::net
