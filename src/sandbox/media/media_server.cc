#include "sandbox/media/media_server.h"

#include <algorithm>

#include "net/http/range.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kPiece = 256 * 1024;  // bytes that are written before the other side has read
constexpr std::size_t kPeers = 1024;        // at once
constexpr Millis kTick = 50;                // of what is slow

}  // namespace

MediaServer::~MediaServer() {
  while (!peers_.empty()) drop(peers_.begin()->first);
}

Result<std::uint16_t> MediaServer::listen(const std::string& host,
                                          std::shared_ptr<const net::TlsIdentity> identity) {
  PIGEOND_TRY(auto listener, net::Listener::open(
                                 network_, host, 0, std::move(identity),
                                 [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); }));
  listeners_.push_back(std::move(listener));
  return listeners_.back()->port();
}

void MediaServer::accept(std::unique_ptr<net::Stream> stream) {
  if (peers_.size() >= kPeers) return;
  const std::uint64_t id = next_++;
  net::Stream::Callbacks callbacks;
  callbacks.on_data = [this, id](ByteView data) { received(id, data); };
  callbacks.on_drained = [this, id] {
    const auto found = peers_.find(id);
    if (found == peers_.end()) return;
    found->second.deadline = network_.loop().now().mono + patience;
    send_on(id);
  };
  callbacks.on_closed = [this, id](const Error&) { closed(id); };
  stream->set_callbacks(std::move(callbacks));
  Peer& peer = peers_[id];
  peer.stream = std::move(stream);
  peer.deadline = network_.loop().now().mono + patience;
  watch(id);
}

// Bytes of a head do not prolong what its peer is given for it.
void MediaServer::watch(std::uint64_t id) {
  Peer& peer = peers_.at(id);
  peer.watch = network_.loop().at(peer.deadline, [this, id] {
    Peer& watched = peers_.at(id);
    watched.watch = 0;
    if (!watched.waits && watched.deadline <= network_.loop().now().mono) return closed(id);
    if (watched.waits) watched.deadline = network_.loop().now().mono + patience;
    watch(id);
  });
}

void MediaServer::received(std::uint64_t id, ByteView data) {
  Peer& peer = peers_.at(id);
  store_.at(network_.loop().now());
  if (peer.stage == Stage::body) return take_body(id, data);
  if (peer.stage != Stage::head) return;
  peer.head.insert(peer.head.end(), data.begin(), data.end());
  const auto size = net::http_head_size(peer.head);
  if (size && !*size) return;
  const auto request = size ? net::parse_request_head(as_text(ByteView(peer.head).first(**size)))
                            : Result<net::HttpRequestHead>(size.error());
  if (!request) return forget(id);
  const Bytes rest = to_bytes(ByteView(peer.head).subspan(**size));
  peer.head = {};
  take_head(id, *request, rest);
}

void MediaServer::take_head(std::uint64_t id, const net::HttpRequestHead& request, ByteView rest) {
  Peer& peer = peers_.at(id);
  if (request.method == "GET") return hand_out(id, request);
  if (request.method == "DELETE") {
    const auto secret = net::find_header(request.headers, "Companion_User_Secret").value_or("");
    return answer(id, store_.erase(request.target, std::string(secret)), {}, 0);
  }
  if (request.method != "POST") return answer(id, 405, {}, 0);
  peer.upload = uploads_.begin(request);
  if (peer.upload->at_once) return finish_upload(id);
  peer.stage = Stage::body;
  if (net::find_header(request.headers, "Expect") &&
      !peer.stream->write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n")))
    return forget(id);
  take_body(id, rest);
}

// What comes behind the body is nobody's.
void MediaServer::take_body(std::uint64_t id, ByteView data) {
  Peer& peer = peers_.at(id);
  MediaUpload& upload = *peer.upload;
  peer.deadline = network_.loop().now().mono + patience;
  data = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), upload.left)));
  if (!data.empty() && !uploads_.take(upload, data)) return forget(id);
  if (upload.rate > 0 && !data.empty()) {
    peer.stream->set_reading(false);
    return wait(id, static_cast<Millis>(data.size() * 1000 / upload.rate));
  }
  if (upload.left == 0) finish_upload(id);
}

void MediaServer::finish_upload(std::uint64_t id) {
  const auto upload = std::move(peers_.at(id).upload);
  const MediaReply reply = uploads_.finish(*upload);
  answer(id, reply.status, "Content-Type: application/json\r\n", reply.json.size(), reply.json);
}

void MediaServer::hand_out(std::uint64_t id, const net::HttpRequestHead& request) {
  Peer& peer = peers_.at(id);
  const MediaStore::Found found = store_.find(request.target);
  if (!found.blob) return answer(id, found.status, {}, 0);
  const std::uint64_t size = found.blob->size();
  const auto wanted = net::find_header(request.headers, "Range");
  const auto range = wanted ? net::http_range(*wanted, size) : net::HttpRange{};
  const std::string of = "/" + std::to_string(size) + "\r\n";
  if (range.kind == net::HttpRange::Kind::unsatisfiable)
    return answer(id, 416, "Content-Range: bytes *" + of, 0);
  const bool part = range.kind == net::HttpRange::Kind::part;
  const std::uint64_t first = part ? range.first : 0, length = part ? range.size : size;
  peer.body = found.blob;
  peer.sent = first;
  peer.until = found.cut ? first + std::max<std::uint64_t>(length / 2, 1) : first + length;
  peer.cut = found.cut;
  peer.rate = found.rate;
  if (found.spoilt) peer.spoilt_at = size / 2;
  std::string headers = "Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n";
  if (part)
    headers +=
        "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(first + length - 1) + of;
  answer(id, part ? 206 : found.status, headers, length);
}

void MediaServer::answer(std::uint64_t id, int status, const std::string& headers, std::uint64_t size,
                         const std::string& text) {
  Peer& peer = peers_.at(id);
  peer.stage = Stage::answer;
  peer.deadline = network_.loop().now().mono + patience;
  const std::string head = "HTTP/1.1 " + std::to_string(status) + " -\r\n" + headers +
                           "Content-Length: " + std::to_string(size) + "\r\nConnection: close\r\n\r\n" + text;
  if (!peer.stream->write(as_bytes(head))) return forget(id);
  send_on(id);
}

// Goes on when what was written has left, or when it is time.
void MediaServer::send_on(std::uint64_t id) {
  const auto found = peers_.find(id);
  if (found == peers_.end() || found->second.stage != Stage::answer || found->second.waits) return;
  Peer& peer = found->second;
  while (peer.stream->buffered() == 0) {
    if (peer.sent == peer.until) {
      if (peer.cut) return forget(id);
      peer.stage = Stage::over;
      return peer.stream->close();
    }
    std::uint64_t most = kPiece;
    if (peer.rate > 0)
      most = std::max<std::uint64_t>(peer.rate * static_cast<std::uint64_t>(kTick) / 1000, 1);
    auto piece = peer.body->read(peer.sent, static_cast<std::size_t>(std::min(most, peer.until - peer.sent)));
    if (!piece) return forget(id);
    if (peer.spoilt_at >= peer.sent && peer.spoilt_at < peer.sent + piece->size())
      (*piece)[static_cast<std::size_t>(peer.spoilt_at - peer.sent)] ^= 1;
    peer.sent += piece->size();
    if (!peer.stream->write(*piece)) return forget(id);
    if (peer.rate > 0) return wait(id, static_cast<Millis>(piece->size() * 1000 / peer.rate));
  }
}

// For as long as a fault makes it slow.
void MediaServer::wait(std::uint64_t id, Millis time) {
  Peer& peer = peers_.at(id);
  peer.waits = true;
  peer.pause = network_.loop().after(time, [this, id] {
    Peer& waited = peers_.at(id);
    waited.pause = 0;
    waited.waits = false;
    waited.deadline = network_.loop().now().mono + patience;
    if (waited.stage != Stage::body) return send_on(id);
    if (waited.upload->left == 0) return finish_upload(id);
    waited.stream->set_reading(true);
  });
}

// The peer has gone, or is given up: what it had uploaded until then may be gone on with.
void MediaServer::closed(std::uint64_t id) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  if (found->second.upload) uploads_.broken(std::move(found->second.upload));
  drop(id);
}

// Not from here: the caller may be one of the stream's own callbacks.
void MediaServer::forget(std::uint64_t id) {
  peers_.at(id).stage = Stage::over;
  network_.loop().post([this, id, alive = std::weak_ptr<char>(life_)] {
    if (!alive.expired()) closed(id);
  });
}

void MediaServer::drop(std::uint64_t id) {
  auto peer = peers_.extract(id);
  network_.loop().cancel(peer.mapped().watch);
  network_.loop().cancel(peer.mapped().pause);
}

}  // namespace pigeond::sandbox
