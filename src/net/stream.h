// An asynchronous byte stream on a loop: TCP, or TLS over another stream. All calls on the loop thread.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::net {

class Stream {
 public:
  // Each is called from the loop, never from inside a call of the owner, and may destroy the stream.
  struct Callbacks {
    std::function<void()> on_open;          // connected, and for TLS: the other side verified
    std::function<void(ByteView)> on_data;  // the view is valid during the call
    std::function<void()> on_drained;       // all that was buffered has been handed to the kernel
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

 protected:
  // Each returns false when the callee destroyed this stream.
  bool deliver_open();
  bool deliver_data(ByteView data);
  bool deliver_drained();
  void deliver_closed(Error error);
  std::weak_ptr<char> life() const { return life_; }  // expires with this object

 private:
  std::shared_ptr<Callbacks> callbacks_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::net
