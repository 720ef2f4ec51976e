#include "api/waha/events.h"

#include "api/json.h"
#include "api/waha/ids.h"
#include "api/waha/shapes.h"

namespace pigeond::api::waha {
namespace {

const char* ack_name(int ack) {
  switch (ack) {
    case -1:
      return "ERROR";
    case 0:
      return "PENDING";
    case 1:
      return "SERVER";
    case 2:
      return "DEVICE";
    case 3:
      return "READ";
    case 4:
      return "PLAYED";
    default:
      return "UNKNOWN";
  }
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

std::string own_id(const gateway::EventSession& session) {
  return session.me ? chat_id(session.me->pn) : std::string();
}

bool names_its_author(const wire::Jid& chat) {
  return chat.is_group() || chat.is_broadcast();
}

// Both forms of an address, each only where it is known.
void add_forms(Json& json, const char* pn_name, const char* lid_name, const wire::Jid& pn,
               const wire::Jid& lid) {
  json[pn_name] = pn.empty() ? Json() : Json(chat_id(pn));
  json[lid_name] = lid.empty() ? Json() : Json(chat_id(lid));
}

Json media(const engine::MessageEvent& message) {
  if (!message.has_media) return nullptr;
  Json json;
  json["url"] = nullptr;
  json["mimetype"] = text_or_null(message.mimetype);
  json["filename"] = text_or_null(message.filename);
  json["error"] = nullptr;
  return json;
}

Json message_data(const engine::MessageEvent& message) {
  Json json;
  json["id"] = message.id;
  json["type"] = message.type;
  json["notifyName"] = message.push_name;
  add_forms(json, "pn", "lid", message.chat_pn, message.chat_lid);
  add_forms(json, "senderPn", "senderLid", message.sender_pn, message.sender_lid);
  json["senderDevice"] = message.sender.device;
  json["offline"] = message.offline;
  return json;
}

Json payload(const gateway::EventSession& session, const engine::MessageEvent& message) {
  const auto chat = chat_id(message.chat_pn, message.chat_lid, message.chat);
  const auto me_id = own_id(session);
  std::string participant;
  if (names_its_author(message.chat))
    participant = chat_id(message.sender_pn, message.sender_lid, message.sender);
  Json json;
  json["id"] = message_id(message.from_me, chat, message.id, participant);
  json["timestamp"] = message.timestamp;
  json["from"] = message.from_me ? me_id : chat;
  json["fromMe"] = message.from_me;
  json["source"] = message.from_api ? "api" : "app";
  json["to"] = message.from_me ? chat : me_id;
  json["participant"] = text_or_null(participant);
  json["body"] = message.body;
  json["hasMedia"] = message.has_media;
  json["media"] = media(message);
  json["ack"] = message.ack;
  json["ackName"] = ack_name(message.ack);
  json["replyTo"] = message.quoted ? schema::write<ReplyShape>(*message.quoted) : Json();
  if (message.location) json["location"] = schema::write<PlaceShape>(*message.location);
  if (!message.mentions.empty()) {
    for (const auto& mention : message.mentions) json["mentionedIds"].push_back(chat_id(mention));
  }
  json["_data"] = message_data(message);
  return json;
}

Json payload(const gateway::EventSession& session, const engine::AckEvent& ack) {
  const auto chat = chat_id(ack.chat_pn, ack.chat_lid, ack.chat);
  const auto me_id = own_id(session);
  const auto participant = ack.participant.empty() ? std::string() : chat_id(ack.participant);
  const bool author = names_its_author(ack.chat);
  Json json;
  json["id"] =
      message_id(ack.from_me, chat_id(ack.told_chat), ack.id, author && ack.from_me ? me_id : std::string());
  json["from"] = ack.from_me ? me_id : chat;
  json["to"] = ack.from_me ? chat : me_id;
  json["participant"] = author ? text_or_null(participant) : Json();
  json["fromMe"] = ack.from_me;
  json["ack"] = ack.ack;
  json["ackName"] = ack_name(ack.ack);
  json["_data"]["id"] = ack.id;
  add_forms(json["_data"], "pn", "lid", ack.chat_pn, ack.chat_lid);
  json["_data"]["timestamp"] = ack.timestamp;
  if (ack.cause) json["cause"] = cause(*ack.cause);
  return json;
}

Json payload(const gateway::EventSession& session, const gateway::StatusChange& change) {
  Json json;
  json["name"] = session.name;
  json["status"] = gateway::status_name(change.status);
  json["statuses"] = Json::array();
  for (const auto& [status, at] : change.recent) {
    json["statuses"].push_back({{"status", gateway::status_name(status)}, {"timestamp", at}});
  }
  json["data"] = nullptr;
  if (change.timelock) json["data"] = {{"reachoutTimelock", timelock(change.timelock)}};
  if (change.departure) json["data"] = departure(*change.departure);
  if (change.capping) json["data"] = {{"messageCapping", capping(change.capping)}};
  if (change.cause) json["cause"] = cause(*change.cause);
  return json;
}

}  // namespace

std::string Events::format(const gateway::EventSession& session, const gateway::Event& event) const {
  Json json;
  json["id"] = event.id;
  json["timestamp"] = event.timestamp;
  json["event"] = event.name;
  json["session"] = session.name;
  json["metadata"] = Json::object();
  for (const auto& [name, value] : session.metadata) json["metadata"][name] = value;
  json["me"] = session.me ? me(*session.me) : Json();
  json["payload"] = std::visit([&](const auto& value) { return payload(session, value); }, event.payload);
  json["engine"] = kEngine;
  json["environment"] = environment(session.version);
  return dump(json);
}

}  // namespace pigeond::api::waha
