#include "api/waha/shapes.h"

#include "api/waha/ids.h"

namespace pigeond::api::waha {

Json me(const gateway::Me& value) {
  Json json;
  json["id"] = chat_id(value.pn);
  if (!value.lid.empty()) json["lid"] = chat_id(value.lid);
  json["jid"] = value.pn.text();
  json["pushName"] = value.push_name;
  return json;
}

Json session(const gateway::SessionInfo& info) {
  Json json;
  json["name"] = info.name;
  json["status"] = gateway::status_name(info.status);
  json["config"] = Json::parse(info.config.raw, nullptr, false);
  json["me"] = info.me ? me(*info.me) : Json();
  json["presence"] = nullptr;
  json["timestamps"] = {{"activity", info.activity > 0 ? Json(info.activity) : Json()}};
  if (info.cause) {
    json["cause"] = {{"name", cause_name(info.cause->cause)}, {"detail", info.cause->detail}};
    if (info.cause->code != 0) json["cause"]["code"] = info.cause->code;
  }
  return json;
}

Json sent_message(const gateway::SentMessage& message) {
  const auto chat = chat_id(message.chat_pn, message.chat_lid, message.chat);
  const auto id = message_id(true, chat, message.id);
  Json json;
  json["id"] = id;
  json["timestamp"] = message.timestamp;
  json["from"] = chat_id(message.me.pn);
  json["fromMe"] = true;
  json["source"] = "api";
  json["to"] = chat;
  json["participant"] = nullptr;
  json["body"] = message.text;
  json["hasMedia"] = false;
  json["media"] = nullptr;
  json["ack"] = message.ack;
  json["ackName"] = message.ack >= 1 ? "SERVER" : "PENDING";
  json["replyTo"] = nullptr;
  json["_data"] = {{"id", message.id}, {"pn", chat_id(message.chat_pn)}, {"lid", chat_id(message.chat_lid)}};
  // Clients written against WAHA's NOWEB engine look here.
  json["key"] = {{"remoteJid", chat}, {"fromMe", true}, {"id", message.id}};
  return json;
}

Json environment(const std::string& version) {
  Json json;
  json["version"] = version;
  json["engine"] = kEngine;
  json["tier"] = "CORE";
  json["browser"] = nullptr;
#if defined(__aarch64__)
  json["platform"] = "linux/arm64";
#elif defined(__x86_64__)
  json["platform"] = "linux/x64";
#else
  json["platform"] = "linux";
#endif
  json["worker"] = {{"id", nullptr}};
  return json;
}

}  // namespace pigeond::api::waha
