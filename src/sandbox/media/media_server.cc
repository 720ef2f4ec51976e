#include "sandbox/media/media_server.h"

#include <algorithm>

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kPiece = 256 * 1024;  // bytes that are written before the other side has read

}  // namespace

Result<std::uint16_t> MediaServer::listen(const std::string& host,
                                          std::shared_ptr<const net::TlsIdentity> identity) {
  PIGEOND_TRY(auto listener, net::Listener::open(
                                 network_, host, 0, std::move(identity),
                                 [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); }));
  listeners_.push_back(std::move(listener));
  return listeners_.back()->port();
}

void MediaServer::accept(std::unique_ptr<net::Stream> stream) {
  const std::uint64_t id = next_++;
  net::Stream::Callbacks callbacks;
  callbacks.on_data = [this, id](ByteView data) { received(id, data); };
  callbacks.on_drained = [this, id] { send_on(id); };
  callbacks.on_closed = [this, id](const Error&) { peers_.erase(id); };
  stream->set_callbacks(std::move(callbacks));
  peers_[id].stream = std::move(stream);
}

void MediaServer::received(std::uint64_t id, ByteView data) {
  Peer& peer = peers_.at(id);
  if (peer.answered) return;
  peer.head.insert(peer.head.end(), data.begin(), data.end());
  const auto size = net::http_head_size(peer.head);
  if (size && !*size) return;
  const auto request = size ? net::parse_request_head(as_text(ByteView(peer.head).first(**size)))
                            : Result<net::HttpRequestHead>(size.error());
  if (!request) return forget(id);
  answer(id, *request);
}

void MediaServer::answer(std::uint64_t id, const net::HttpRequestHead& request) {
  Peer& peer = peers_.at(id);
  peer.answered = true;
  MediaStore::Answer answer{405, nullptr, 0};
  if (request.method == "GET") answer = store_.get(request.target);
  if (request.method == "DELETE")
    answer.status = store_.erase(
        request.target,
        std::string(net::find_header(request.headers, "Companion_User_Secret").value_or(std::string_view())));
  const std::size_t size = answer.body ? answer.body->size() : 0;
  const std::string head = "HTTP/1.1 " + std::to_string(answer.status) +
                           " -\r\nContent-Length: " + std::to_string(size) + "\r\nConnection: close\r\n\r\n";
  peer.body = std::move(answer.body);
  peer.cut = answer.cut_after > 0;
  peer.until = peer.cut ? answer.cut_after : size;
  if (!peer.stream->write(as_bytes(head))) return forget(id);
  send_on(id);
}

// Goes on when what was written has left.
void MediaServer::send_on(std::uint64_t id) {
  const auto found = peers_.find(id);
  if (found == peers_.end() || !found->second.answered) return;
  Peer& peer = found->second;
  while (peer.stream->buffered() == 0) {
    if (peer.sent == peer.until) return peer.cut ? forget(id) : peer.stream->close();
    const std::size_t size = std::min(kPiece, peer.until - peer.sent);
    const ByteView piece = ByteView(*peer.body).subspan(peer.sent, size);
    peer.sent += size;
    if (!peer.stream->write(piece)) return forget(id);
  }
}

// Not from here: the caller may be one of the stream's own callbacks.
void MediaServer::forget(std::uint64_t id) {
  network_.loop().post([this, id, alive = std::weak_ptr<char>(life_)] {
    if (!alive.expired()) peers_.erase(id);
  });
}

}  // namespace pigeond::sandbox
