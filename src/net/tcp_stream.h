#pragma once

#include <string>
#include <vector>

#include "net/network.h"
#include "net/networks.h"
#include "net/stream.h"

namespace pigeond::net {

class TcpStream final : public Stream {
 public:
  // Looks the host up and tries its addresses one after the other until one connects. `timeout` (ms) covers
  // all of it. Addresses that `check` refuses are passed over; are there no others, it ends with the refusal.
  static std::unique_ptr<TcpStream> connect(Network& network, const std::string& host, std::uint16_t port,
                                            Millis timeout, AddressCheck check = nullptr);
  // A connected socket. It is open already: on_open is not called, reading starts with the next round of the
  // loop.
  static std::unique_ptr<TcpStream> adopt(Loop& loop, UniqueFd connected);

  ~TcpStream() override;
  Status write(ByteView data) override;
  std::size_t buffered() const override { return buffer_.size() - sent_; }
  void set_reading(bool reading) override;
  void close() override;
  std::string peer() const override { return peer_; }
  std::shared_ptr<SocketLease> lease() override;

 private:
  enum class State { connecting, open, closing, lingering, closed };

  explicit TcpStream(Loop& loop) : loop_(loop) {}
  void resolved(Result<std::vector<Address>> addresses);
  void try_next();
  void attempt_failed(Error error);
  void connected();
  void ready(std::uint32_t events);
  void read_some();
  bool flush();
  bool still_readable(int number);
  void update_events();
  void half_close();
  void finish(Error error);
  void finish_later(Error error);
  void release();

  Loop& loop_;
  Resolver* resolver_ = nullptr;
  Resolver::RequestId lookup_ = 0;
  Loop::TimerId timer_ = 0;
  UniqueFd fd_;
  State state_ = State::connecting;
  bool reading_ = true;
  bool unheard_ = false;  // the other side takes no more; what it has said is yet to be read
  std::uint32_t events_ = 0;
  std::string peer_;
  Millis deadline_ = 0;
  AddressCheck check_;
  std::vector<Address> addresses_;  // still to try, last first; empty once open
  Bytes buffer_;                    // empty, and without capacity, when nothing waits
  std::size_t sent_ = 0;            // of buffer_
  std::shared_ptr<SocketLease> lease_;
};

}  // namespace pigeond::net
