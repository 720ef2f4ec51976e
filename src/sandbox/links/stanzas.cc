// Service's handling of what clients send.
#include <algorithm>
#include <array>

#include "sandbox/links/login.h"
#include "sandbox/service.h"

namespace pigeond::sandbox {
namespace {

constexpr std::array<std::string_view, 14> kJidAttributes = {"to",
                                                             "from",
                                                             "jid",
                                                             "participant",
                                                             "recipient",
                                                             "lid",
                                                             "pn_jid",
                                                             "sender_pn",
                                                             "sender_lid",
                                                             "peer_recipient_pn",
                                                             "peer_recipient_lid",
                                                             "recipient_pn",
                                                             "recipient_lid",
                                                             "participant_pn"};

}  // namespace

// Baileys before version 7 loses an answer that reaches it while it still derives its keys, which no real
// server is near enough for. Its dictionary tells it from others.
void Service::greet(ConnectionId connection, ServerLink::LoggedIn hello) {
  constexpr Millis kDistance = 50;
  Client& client = clients_.at(connection);
  if (client.link->dictionary() == wire::Dictionary::v3) return log_in(connection, hello);
  client.waiting = std::move(hello);
  client.answer_at = world_.now.mono + kDistance;
}

void Service::log_in(ConnectionId connection, const ServerLink::LoggedIn& hello) {
  const auto payload = wire::proto::decode<wa_ClientPayload>(hello.client_payload);
  auto refuse = [&](int reason) {
    write(connection, failure_node({reason}));
    close(connection, false);
  };
  if (!payload) {
    world_.violation("client-payload", nullptr, "does not parse", nullptr);
    return refuse(400);
  }
  if (payload->has_devicePairingData) {
    if (is_outdated(world_, *payload)) return refuse(405);
    const auto registration = registrar_.check(*payload, hello.noise_key);
    if (!registration) return refuse(400);
    return registrar_.offer(connection, *registration);
  }
  const auto checked = check_login(world_, *payload, hello.noise_key);
  if (const auto* failure = std::get_if<LoginFailure>(&checked)) return refuse(failure->reason);
  adopt(connection, std::get<DeviceRef>(checked));
}

void Service::adopt(ConnectionId connection, const DeviceRef& who) {
  Device* device = world_.device(who);
  if (device->connection) {
    const ConnectionId older = *device->connection;
    wire::Node replaced("stream:error");
    replaced.add(wire::Node("conflict").set("type", "replaced"));
    write(older, replaced);
    close(older, false);
  }
  world_.faults.reconnected(who);
  clients_.at(connection).device = who;
  device->connection = connection;
  device->active = false;
  write(connection, success_node(world_, who));
  if (world_.policy.clients.expires) write(connection, expiration_node(world_.policy.clients));
}

// True if a fault took the connection away.
bool Service::suffer(ConnectionId connection, const DeviceRef& who) {
  if (world_.faults.strike(FaultKind::silence, &who)) {
    clients_.at(connection).silent = true;
    return true;
  }
  if (world_.faults.strike(FaultKind::logout, &who)) {
    unlink(who);
    return true;
  }
  if (const auto fault = world_.faults.strike(FaultKind::stream_error, &who)) {
    wire::Node error("stream:error");
    error.set("code", static_cast<std::uint64_t>(fault->code));
    write(connection, error);
    close(connection, false);
    return true;
  }
  return false;
}

void Service::handle(ConnectionId connection, const wire::Node& stanza) {
  trace(connection, stanza, true);
  const Client& client = clients_.at(connection);
  if (client.silent) return;
  if (!client.device) return handle_unpaired(connection, stanza);
  const DeviceRef who = *client.device;
  if (suffer(connection, who)) return;
  check_jids(who, stanza);
  dispatch(who, stanza);
}

void Service::handle_unpaired(ConnectionId connection, const wire::Node& stanza) {
  if (stanza.tag == "ib") return;        // telemetry
  if (stanza.tag == "presence") return;  // Baileys sends one when pairing tells it a name
  if (stanza.tag == "ack") return;       // of what the service told about the pairing
  if (stanza.tag != "iq") {
    world_.violation("not-logged-in", nullptr, stanza.tag + " before the login", &stanza);
    return;
  }
  if (stanza.is("type", "result") || stanza.is("type", "error"))
    return registrar_.answered(connection, stanza);
  if (stanza.child("link_code_companion_reg") != nullptr) return link_codes_.handle(connection, stanza);
  if (passkeys_.handle(connection, stanza)) return;
  if (stanza.is("xmlns", "w:p")) return write(connection, iq_result(stanza));
  write(connection, iq_error(stanza, 501, "feature-not-implemented"));
  world_.trace.mark_unsupported();
}

void Service::dispatch(const DeviceRef& from, const wire::Node& stanza) {
  if (stanza.tag == "iq") {
    // Answers to requests of the service: there are none that it waits for after the login.
    if (stanza.is("type", "result") || stanza.is("type", "error")) return;
    return desk_.handle(from, stanza);
  }
  if (stanza.tag == "message") return router_.message(from, stanza);
  if (stanza.tag == "receipt") return router_.receipt(from, stanza);
  if (stanza.tag == "ack") {
    if (stanza.is("class", "notification")) directory_.acked(from, stanza);
    return mailroom_.acked(from, stanza);
  }
  if (stanza.tag == "presence") return presences_.presence(from, stanza);
  if (stanza.tag == "chatstate") return presences_.chatstate(from, stanza);
  if (stanza.tag == "ib") {  // or unified_session: nothing to answer
    const wire::Node* batch = stanza.child("offline_batch");
    if (batch != nullptr) mailroom_.batch(from, static_cast<std::size_t>(batch->number("count").value_or(0)));
    return;
  }
  if (stanza.tag == "call") return switchboard_.handle(from, stanza);
  world_.violation("unknown-stanza", &from, "no client sends " + stanza.tag, &stanza);
}

// JIDs have their own form on the wire; one that comes as text is what the real service answers with an
// error.
void Service::check_jids(const DeviceRef& from, const wire::Node& stanza) {
  for (const auto& attribute : stanza.attributes) {
    const auto* text = std::get_if<std::string>(&attribute.value);
    if (text == nullptr || text->find('@') == std::string::npos) continue;
    const bool is_jid =
        std::find(kJidAttributes.begin(), kJidAttributes.end(), attribute.name) != kJidAttributes.end();
    if (is_jid)
      world_.violation("jid-as-text", &from, attribute.name + " of " + stanza.tag + " is text", nullptr);
  }
  for (const auto& child : stanza.children()) check_jids(from, child);
}

}  // namespace pigeond::sandbox
