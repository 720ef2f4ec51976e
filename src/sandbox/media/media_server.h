// The media store on sockets: HTTP/1.1, one request a connection, and ones that break in the middle where a
// fault wants it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http/head.h"
#include "net/listener.h"
#include "net/network.h"
#include "sandbox/media/media_store.h"

namespace pigeond::sandbox {

class MediaServer {
 public:
  // Both are kept by reference.
  MediaServer(net::Network& network, MediaStore& store) : network_(network), store_(store) {}

  // The port. See net::Listener::open().
  Result<std::uint16_t> listen(const std::string& host, std::shared_ptr<const net::TlsIdentity> identity);

 private:
  struct Peer {
    std::unique_ptr<net::Stream> stream;
    Bytes head;
    std::shared_ptr<const Bytes> body;
    std::size_t sent = 0, until = 0;  // of the body
    bool cut = false, answered = false;
  };

  void accept(std::unique_ptr<net::Stream> stream);
  void received(std::uint64_t id, ByteView data);
  void answer(std::uint64_t id, const net::HttpRequestHead& request);
  void send_on(std::uint64_t id);
  void forget(std::uint64_t id);

  net::Network& network_;
  MediaStore& store_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, Peer> peers_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::sandbox
