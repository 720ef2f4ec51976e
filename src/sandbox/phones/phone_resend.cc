// A phone that is asked by a companion for messages that came to it without a content (whatsmeow's
// BuildUnavailableMessageRequest, whatsapp-rust src/pdo.rs): it answers with what it has of each, under the
// chat's number, whatever form the companion named (whatsapp-rust finds the same).
#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

Bytes answer_to(const std::string& request, std::vector<Bytes> infos) {
  auto message = std::make_unique<wa_Message>();
  message->has_protocolMessage = true;
  message->protocolMessage.has_type = true;
  message->protocolMessage.type = wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE;
  message->protocolMessage.has_peerDataOperationRequestResponseMessage = true;
  auto& answer = message->protocolMessage.peerDataOperationRequestResponseMessage;
  answer.has_peerDataOperationRequestType = true;
  answer.peerDataOperationRequestType = wa_PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND;
  answer.stanzaID = request;
  for (auto& info : infos) {
    auto& result = answer.peerDataOperationResult.emplace_back();
    result.has_placeholderMessageResendResponse = true;
    result.placeholderMessageResendResponse.webMessageInfoBytes = std::move(info);
  }
  return wire::proto::encode(*message);
}

}  // namespace

void Phone::take_peer(const wire::Node& stanza, const DeviceRef& companion, const wa_Message& message) {
  if (!message.has_protocolMessage || !message.protocolMessage.has_peerDataOperationRequestMessage) return;
  const auto& request = message.protocolMessage.peerDataOperationRequestMessage;
  if (request.peerDataOperationRequestType != wa_PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND)
    return;
  std::vector<Bytes> infos;
  for (const auto& wanted : request.placeholderMessageResendRequest) {
    const bool named = wanted.has_messageKey && !wanted.messageKey.id.empty() &&
                       wire::parse_jid(wanted.messageKey.remoteJID).has_value();
    if (!named) {
      world_.violation("placeholder-request", &companion, "a message that is asked for is not named",
                       &stanza);
      continue;
    }
    if (Bytes info = message_info(companion, wanted.messageKey); !info.empty())
      infos.push_back(std::move(info));
  }
  const DeviceRef phone = self();
  if (infos.empty() || world_.faults.strike(FaultKind::resend_unanswered, &phone)) return;
  send_peer(companion.number, answer_to(stanza.attr("id"), std::move(infos)));
}

// Without a message, where this phone has none; empty: it is of a chat that nobody has.
Bytes Phone::message_info(const DeviceRef& companion, const wa_MessageKey& wanted) {
  const wire::Jid named = *wire::parse_jid(wanted.remoteJID);
  const Account* chat = world_.account(named);
  const bool in_group = named.is_group() && world_.groups.contains(named.user);
  if (chat == nullptr && !in_group) return {};
  wa_WebMessageInfo info{};
  info.has_key = true;
  info.key.remoteJID = in_group ? named.text() : chat->jid(Form::pn).text();
  info.key.participant = wanted.participant;
  info.key.has_fromMe = true;
  info.key.fromMe = wanted.fromMe;
  info.key.id = wanted.id;
  const PhoneMessage* found = log_.find(wanted.id);
  const bool same = found != nullptr && found->from_me == wanted.fromMe &&
                    (in_group ? found->chat == named : world_.account(found->chat) == chat);
  if (found != nullptr && !same)
    world_.violation("placeholder-request", &companion, "the key names another message", nullptr);
  if (!same) return wire::proto::encode(info);
  info.has_messageTimestamp = true;
  info.messageTimestamp = static_cast<std::uint64_t>(found->timestamp);
  if (auto message = wire::proto::decode<wa_Message>(found->content))
    info.message = std::make_unique<wa_Message>(std::move(*message));
  return wire::proto::encode(info);
}

}  // namespace pigeond::sandbox
