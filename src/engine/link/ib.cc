#include "engine/link/ib.h"

#include <utility>

#include "base/limits.h"
#include "base/log.h"

namespace pigeond::engine {
namespace {

void store_routing(Context& context, const wire::Node& node) {
  const auto* info = node.child("routing_info");
  Bytes bytes = info ? info->bytes() : Bytes();
  if (bytes.empty() || bytes.size() > limits::kRoutingInfo || bytes == context.credentials.routing_info)
    return;
  context.credentials.routing_info = std::move(bytes);
  store::CredentialsTable(context.database, context.session).save(context.credentials);
}

// The parts named here are fetched when they are needed, so that nothing has to be refreshed before the bit
// is cleaned.
void clean_dirty(Context& context, Stanzas& stanzas, const wire::Node& dirty) {
  const std::string type = dirty.attr("type");
  if (type.empty()) return;
  log::debug("dirty bit", {{"session", context.session_name}, {"type", type}});
  wire::Node clean("clean");
  clean.set("type", type).set("timestamp", dirty.attr("timestamp"));
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "set").set("xmlns", "urn:xmpp:whatsapp:dirty");
  iq.add(std::move(clean));
  stanzas.query(std::move(iq), nullptr);
}

// Without `t` the service takes its word back; a `t` that can't be read must not be taken for that
// (whatsapp-rust handlers/ib.rs, after the web client).
void tell_expiry(Context& context, const ClientVersion& announced, const wire::Node& node) {
  constexpr std::uint64_t kLast = std::uint64_t{1} << 40;
  ExpiryTold told{announced, std::nullopt};
  if (node.has("t")) {
    const auto seconds = node.number("t");
    if (!seconds || *seconds > kLast) return;
    told.at = static_cast<std::int64_t>(*seconds);
  }
  context.emit(told);
}

}  // namespace

void handle_ib(Context& context, Stanzas& stanzas, Backlog& backlog, const ClientVersion& announced,
               const wire::Node& ib) {
  for (const auto& child : ib.children()) {
    if (child.tag == "edge_routing") {
      store_routing(context, child);
    } else if (child.tag == "dirty") {
      clean_dirty(context, stanzas, child);
    } else if (child.tag == "offline_preview") {
      backlog.announced(child);
    } else if (child.tag == "offline") {
      backlog.ended(child);
    } else if (child.tag == "client_expiration") {
      tell_expiry(context, announced, child);
    } else if (child.tag == "downgrade_webclient") {
      log::warning("code scanned by a phone without multi-device", {{"session", context.session_name}});
    }
  }
}

}  // namespace pigeond::engine
