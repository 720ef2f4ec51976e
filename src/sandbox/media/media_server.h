// The media store on sockets: HTTP/1.1, one request a connection, and ones that are slow or break in the
// middle where a fault wants it. Who does not get on with his request loses his connection.
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
#include "sandbox/media/media_uploads.h"

namespace pigeond::sandbox {

class MediaServer {
 public:
  // All are kept by reference.
  MediaServer(net::Network& network, MediaStore& store, MediaUploads& uploads)
      : network_(network), store_(store), uploads_(uploads) {}
  ~MediaServer();

  // The port. See net::Listener::open().
  Result<std::uint16_t> listen(const std::string& host, std::shared_ptr<const net::TlsIdentity> identity);

  Millis patience = 30 * kSecond;  // between any two bytes, and for all of a head
  std::size_t connections() const { return peers_.size(); }

 private:
  enum class Stage { head, body, answer, over };
  struct Peer {
    std::unique_ptr<net::Stream> stream;
    Stage stage = Stage::head;
    Bytes head;
    std::unique_ptr<MediaUpload> upload;
    // What goes out: the bytes from `sent` to `until`.
    std::shared_ptr<const MediaBlob> body;
    std::uint64_t sent = 0, until = 0;
    std::uint64_t spoilt_at = UINT64_MAX;
    bool cut = false;        // then the connection breaks
    std::uint64_t rate = 0;  // bytes per second
    bool waits = false;      // for the time that `rate` costs
    Millis deadline = 0;     // mono
    net::Loop::TimerId watch = 0, pause = 0;
  };

  void accept(std::unique_ptr<net::Stream> stream);
  void received(std::uint64_t id, ByteView data);
  void take_head(std::uint64_t id, const net::HttpRequestHead& request, ByteView rest);
  void take_body(std::uint64_t id, ByteView data);
  void finish_upload(std::uint64_t id);
  void hand_out(std::uint64_t id, const net::HttpRequestHead& request);
  void answer(std::uint64_t id, int status, const std::string& headers, std::uint64_t size,
              const std::string& text = {});
  void send_on(std::uint64_t id);
  void wait(std::uint64_t id, Millis time);
  void watch(std::uint64_t id);
  void closed(std::uint64_t id);
  void forget(std::uint64_t id);
  void drop(std::uint64_t id);

  net::Network& network_;
  MediaStore& store_;
  MediaUploads& uploads_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, Peer> peers_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::sandbox
