#include "net/stream.h"

namespace pigeond::net {

// Each keeps the callbacks alive while one of them runs: it may replace them, or destroy the stream.

bool Stream::deliver_open() {
  auto callbacks = callbacks_;
  auto alive = life();
  if (callbacks && callbacks->on_open) callbacks->on_open();
  return !alive.expired();
}

bool Stream::deliver_data(ByteView data) {
  auto callbacks = callbacks_;
  auto alive = life();
  if (callbacks && callbacks->on_data) callbacks->on_data(data);
  return !alive.expired();
}

bool Stream::deliver_drained() {
  auto callbacks = callbacks_;
  auto alive = life();
  if (callbacks && callbacks->on_drained) callbacks->on_drained();
  return !alive.expired();
}

bool Stream::deliver_end() {
  auto callbacks = callbacks_;
  auto alive = life();
  if (callbacks && callbacks->on_end) callbacks->on_end();
  return !alive.expired();
}

void Stream::deliver_closed(Error error) {
  auto callbacks = std::move(callbacks_);
  callbacks_ = nullptr;
  if (callbacks && callbacks->on_closed) callbacks->on_closed(std::move(error));
}

}  // namespace pigeond::net
