#include "sandbox/links/server_link.h"

#include "base/limits.h"
#include "base/time.h"
#include "wire/proto.h"

namespace pigeond::sandbox {
namespace {

Bytes forge(ByteView chain) {
  auto parsed = wire::proto::decode<wa_CertChain>(chain);
  if (!parsed) return to_bytes(chain);
  parsed->leaf.signature[20] ^= 0x40;
  return wire::proto::encode(*parsed);
}

Bytes make_chain(const ServerIdentity& identity, bool forged, std::int64_t unix_now, Random& random) {
  constexpr std::int64_t kDaySeconds = kDay / kSecond;
  Bytes chain = wire::issue_certificate_chain(identity.authority, identity.noise_key.pub,
                                              unix_now - kDaySeconds, unix_now + 120 * kDaySeconds, random);
  return forged ? forge(chain) : chain;
}

}  // namespace

ServerLink::ServerLink(const ServerIdentity& identity, bool forged, std::int64_t unix_now, Random& random)
    : reader_(limits::kHandshakeFrame),
      identity_(identity),
      chain_(make_chain(identity, forged, unix_now, random)),
      ephemeral_(crypto::generate_key_pair(random)) {}

void ServerLink::feed(ByteView bytes) {
  if (stage_ == Stage::intro) {
    intro_.insert(intro_.end(), bytes.begin(), bytes.end());
  } else {
    reader_.feed(bytes);
  }
}

Result<std::optional<ServerLink::Step>> ServerLink::next() {
  if (stage_ == Stage::intro) {
    PIGEOND_TRY(auto intro, wire::parse_stream_intro(intro_));
    if (!intro) {
      if (intro_.size() > limits::kHandshakeFrame) return fail(Cause::too_large, "stream intro");
      return std::optional<Step>();
    }
    reader_.feed(ByteView(intro_).subspan(intro->size));
    intro_ = {};
    dictionary_ = static_cast<wire::Dictionary>(intro->dictionary);
    noise_.emplace(ephemeral_, identity_.noise_key, std::move(chain_), intro->dictionary);
    stage_ = Stage::hello;
  }
  PIGEOND_TRY(auto body, reader_.next());
  if (!body) return std::optional<Step>();
  return handle(*body);
}

Result<std::optional<ServerLink::Step>> ServerLink::handle(ByteView body) {
  if (stage_ == Stage::hello) {
    PIGEOND_TRY(auto hello, noise_->read_client_hello(body));
    PIGEOND_TRY(auto framed, wire::frame(hello));
    stage_ = Stage::finish;
    return std::optional<Step>(Reply{std::move(framed)});
  }
  if (stage_ == Stage::finish) {
    PIGEOND_TRY(auto finished, noise_->read_client_finish(body));
    transport_ = finished.transport;
    reader_.set_limit(limits::kFrameBody);
    stage_ = Stage::open;
    return std::optional<Step>(LoggedIn{finished.client_static, std::move(finished.client_payload)});
  }
  PIGEOND_TRY(plaintext_, transport_->open(body));
  PIGEOND_TRY(auto node, wire::decode(plaintext_, dictionary_));
  return std::optional<Step>(std::move(node));
}

Result<Bytes> ServerLink::seal(const wire::Node& node) {
  if (!transport_) return fail(Cause::internal, "not logged in");
  PIGEOND_TRY(auto sealed, transport_->seal(wire::encode(node, dictionary_)));
  return wire::frame(sealed);
}

}  // namespace pigeond::sandbox
