#include "api/waha/shapes.h"

#include "api/reply.h"
#include "api/waha/ids.h"

namespace pigeond::api::waha {

Json cause(const Error& error) {
  Json json = {{"name", cause_name(error.cause)}, {"detail", error.detail}};
  if (error.code != 0) json["code"] = error.code;
  return json;
}

Json me(const gateway::Me& value) {
  Json json;
  json["id"] = chat_id(value.pn);
  if (!value.lid.empty()) json["lid"] = chat_id(value.lid);
  json["jid"] = value.pn.text();
  json["pushName"] = value.push_name;
  json["reachoutTimelock"] = timelock(value.timelock);
  json["messageCapping"] = capping(value.capping);
  return json;
}

Json timelock(const std::optional<store::ReachoutTimelock>& timelock) {
  if (!timelock) return nullptr;
  Json json;
  json["enforcementType"] = timelock->type;
  json["isActive"] = timelock->active;
  json["timeEnforcementEnds"] = timelock->ends > 0 ? Json(timelock->ends) : Json();
  return json;
}

Json capping(const std::optional<store::MessageCapping>& capping) {
  if (!capping) return nullptr;
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  const auto time = [](std::int64_t value) { return value > 0 ? Json(value) : Json(); };
  Json json;
  json["cappingStatus"] = capping->status;
  json["totalQuota"] = capping->total;
  json["usedQuota"] = capping->used;
  json["cycleStart"] = time(capping->cycle_start);
  json["cycleEnd"] = time(capping->cycle_end);
  json["mvStatus"] = text(capping->mv_status);
  json["oteStatus"] = text(capping->ote_status);
  return json;
}

Json departure(const gateway::Departure& departure) {
  Json json;
  json["unlinked"] = departure.unlinked;
  if (departure.unlinked) return json;
  json["pending"] = !departure.done;  // the service is asked again by itself
  if (departure.cause) json["cause"] = cause(*departure.cause);
  json["hint"] =
      departure.done
          ? "the phone may list the device still: remove it there, in Settings > Linked devices"
          : "the phone lists the device until the service can be asked: it will be, as soon as there is "
            "a link; or remove it there, in Settings > Linked devices, and insist with force=true";
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
    json["cause"] = cause(*info.cause);
    if (const auto hint = advice(info.cause->cause); !hint.empty()) json["cause"]["hint"] = hint;
  }
  if (info.next) json["next"] = {{"step", info.next->what}, {"at", info.next->at}};
  if (info.departure) json.update(departure(*info.departure));
  if (info.health) json["health"] = health(info);
  return json;
}

Json health(const gateway::SessionInfo& info) {
  Json json = Json::object();
  if (!info.health) return json;
  const auto& value = *info.health;
  const auto time = [](Millis wall) { return wall > 0 ? Json(wall) : Json(); };
  json["state"] = value.state;
  json["since"] = time(value.since);
  json["lastSuccess"] = time(value.last_success);
  json["retryAfter"] = value.retry_after > 0 ? Json((value.retry_after + kSecond - 1) / kSecond) : Json();
  json["failures"] = value.failures;
  json["steps"] = Json::array();
  for (const auto& step : value.steps) {
    Json entry = {{"time", step.at}, {"scope", step.scope}, {"step", step.step}, {"cause", step.cause}};
    entry["code"] = step.code != 0 ? Json(step.code) : Json();
    const auto chat = wire::parse_jid(step.chat);
    entry["chatId"] = chat && !step.chat.empty() ? Json(chat_id(*chat)) : Json();
    entry["outcome"] = step.outcome;
    json["steps"].push_back(std::move(entry));
  }
  json["webhooks"] = Json::array();
  for (const auto& webhook : value.webhooks) {
    json["webhooks"].push_back({{"url", webhook.url},
                                {"configured", webhook.configured},
                                {"pending", webhook.pending},
                                {"oldest", time(webhook.oldest_ms)},
                                {"dead", webhook.dead},
                                {"nextTryAt", time(webhook.next_try_ms)},
                                {"reason", webhook.why.empty() ? Json() : Json(webhook.why)}});
  }
  return json;
}

namespace {

// What is said of a message that waits, in the outbox and in the answer to who sent it.
Json waiting(const gateway::QueuedMessage& message) {
  const auto or_null = [](Millis value) { return value > 0 ? Json(value) : Json(); };
  Json json;
  json["state"] = gateway::state_name(message.state);
  json["why"] = message.why;
  json["since"] = message.since;
  json["attempts"] = message.attempts;
  json["heldUntil"] = or_null(message.held_until);
  json["expires"] = or_null(message.expires);
  json["lastError"] = message.trouble ? cause(*message.trouble) : Json();
  return json;
}

}  // namespace

Json queued_message(const gateway::QueuedMessage& message) {
  const auto chat = chat_id(message.chat_pn, message.chat_lid, message.chat);
  Json json;
  json["id"] = message_id(true, chat, message.id);
  json["chatId"] = chat;
  json["_data"] = {{"id", message.id}, {"pn", chat_id(message.chat_pn)}, {"lid", chat_id(message.chat_lid)}};
  json.update(waiting(message));
  return json;
}

std::string message_id(const gateway::SentMessage& message) {
  return message_id(true, chat_id(message.chat_pn, message.chat_lid, message.chat), message.id);
}

Json sent_message(const gateway::SentMessage& message) {
  const auto chat = chat_id(message.chat_pn, message.chat_lid, message.chat);
  Json json;
  json["id"] = message_id(message);
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
  if (message.pending) json["pending"] = waiting(*message.pending);
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
