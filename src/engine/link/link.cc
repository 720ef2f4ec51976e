#include "engine/link/link.h"

#include <utility>

#include "base/limits.h"
#include "wire/certificate.h"
#include "wire/codec.h"

namespace pigeond::engine {
namespace {

constexpr std::uint8_t kEndMarker = 2;  // a plaintext of this byte alone

}  // namespace

Link::Link(Options options)
    : options_(std::move(options)),
      noise_(options_.ephemeral, options_.identity),
      reader_(limits::kHandshakeFrame) {}

Result<Bytes> Link::hello() {
  PIGEOND_TRY(const Bytes first, wire::frame(noise_.hello()));
  return concat({wire::stream_intro(options_.routing_info), first});
}

void Link::feed(ByteView bytes) {
  reader_.feed(bytes);
}

Result<std::optional<Link::Event>> Link::next(std::int64_t unix_now) {
  PIGEOND_TRY(const auto body, reader_.next());
  if (!body) return std::optional<Event>();
  PIGEOND_TRY(auto event, transport_ ? open(*body) : finish_handshake(*body, unix_now));
  return std::optional<Event>(std::move(event));
}

Result<Link::Event> Link::finish_handshake(ByteView body, std::int64_t unix_now) {
  PIGEOND_TRY(const auto hello, noise_.read_server_hello(body));
  PIGEOND_CHECK(
      wire::verify_certificate_chain(hello.certificate, options_.root_key, hello.static_key, unix_now));
  PIGEOND_TRY(auto finished, noise_.finish(options_.client_payload));
  PIGEOND_TRY(auto bytes, wire::frame(finished.client_finish));
  transport_.emplace(std::move(finished.transport));
  reader_.set_limit(limits::kFrameBody);
  return Event(Write{std::move(bytes)});
}

Result<Link::Event> Link::open(ByteView body) {
  PIGEOND_TRY(const auto plaintext, transport_->open(body));
  if (plaintext.size() == 1 && plaintext[0] == kEndMarker) return Event(EndOfStream{});
  auto node = wire::decode(plaintext);
  if (!node) return Event(Undecodable{node.error(), wire::decode_head(plaintext)});
  if (node->tag == "xmlstreamend") return Event(EndOfStream{});
  return Event(std::move(*node));
}

Result<Bytes> Link::seal(const wire::Node& node) {
  if (!transport_) return fail(Cause::link_lost, "the handshake is not done");
  PIGEOND_TRY(const auto body, transport_->seal(wire::encode(node)));
  return wire::frame(body);
}

}  // namespace pigeond::engine
