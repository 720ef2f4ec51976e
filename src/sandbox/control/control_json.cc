#include "sandbox/control/control_json.h"

#include <utility>

#include "base/text.h"

namespace pigeond::sandbox {
namespace {

int status_of(Cause cause) {
  switch (cause) {
    case Cause::not_found:
      return 404;
    case Cause::already_exists:
      return 409;
    case Cause::timed_out:
      return 408;
    case Cause::bad_input:
      return 400;
    default:
      return 422;
  }
}

}  // namespace

Body::Body(const std::string& text) {
  object_ = Json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (object_.is_object()) return;
  refusal_ = Refusal{400, "the body is no JSON object", {}};
  object_ = Json::object();
}

const Json* Body::find(const char* name) {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Body::reject(const std::string& field, const std::string& why) {
  if (!refusal_) refusal_ = Refusal{400, field + " " + why, field};
}

std::string Body::text(const char* name, bool required) {
  const Json* value = find(name);
  if (value == nullptr) {
    if (required) reject(name, "is missing");
    return {};
  }
  if (!value->is_string()) {
    reject(name, "must be a string");
    return {};
  }
  std::string text = value->get<std::string>();
  if (required && text.empty()) reject(name, "is empty");
  return text;
}

std::optional<std::int64_t> Body::number(const char* name, std::int64_t least, std::int64_t most) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() || value->get<std::int64_t>() < least ||
      value->get<std::int64_t>() > most) {
    reject(name, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

bool Body::flag(const char* name, bool otherwise) {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  reject(name, "must be true or false");
  return otherwise;
}

std::vector<std::string> Body::texts(const char* name) {
  std::vector<std::string> texts;
  const Json* value = find(name);
  if (value == nullptr || !value->is_array() || value->empty()) {
    reject(name, "must be a list of strings");
    return texts;
  }
  for (const auto& entry : *value) {
    if (!entry.is_string()) {
      reject(name, "must be a list of strings");
      return {};
    }
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

net::HttpReply reply(int status, const Json& json) {
  net::HttpReply result;
  result.status = status;
  result.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return result;
}

net::HttpReply reply_nothing() {
  net::HttpReply result;
  result.status = 204;
  return result;
}

std::string phone_of(std::string text) {
  text = text.substr(0, text.find('@'));
  if (!text.empty() && text.front() == '+') text.erase(0, 1);
  return text;
}

net::HttpReply reply(const Refusal& refusal) {
  Json json = {{"error", refusal.error}};
  if (!refusal.field.empty()) json["field"] = refusal.field;
  return reply(refusal.status, json);
}

net::HttpReply reply(const Error& error) {
  const std::string field = error.detail.substr(0, error.detail.find(':'));
  const bool is_field = !field.empty() && field.find(' ') == std::string::npos;
  Refusal refusal{status_of(error.cause), std::string(cause_name(error.cause)), {}};
  if (!error.detail.empty()) refusal.error += ": " + error.detail;
  if (is_field) refusal.field = field;
  return reply(refusal);
}

Json endpoints_json(const Endpoints& at) {
  return {{"ws", at.ws},           {"wss", at.wss.empty() ? Json() : Json(at.wss)},
          {"media", at.media},     {"media_tls", at.media_tls.empty() ? Json() : Json(at.media_tls)},
          {"control", at.control}, {"root_key", at.root_key}};
}

Json account_json(const Account& account) {
  Json devices = Json::array(), links = Json::array();
  for (const auto& [number, device] : account.devices) {
    devices.push_back(number);
    if (number == 0) continue;
    links.push_back({{"device", number},
                     {"platform", device.platform},
                     {"connected", device.connection.has_value()},
                     {"waiting", device.mailbox.size()},
                     {"one_time_keys", device.one_time_keys.size()}});
  }
  return {{"about", account.about},
          {"blocked", account.blocked},
          {"privacy", account.privacy},
          {"timer", account.timer},
          {"phone", account.phone},
          {"pn", account.jid(Form::pn).text()},
          {"lid", account.jid(Form::lid).text()},
          {"name", account.name},
          {"devices", std::move(devices)},
          {"companions", std::move(links)}};
}

namespace {

Json media_json(const PhoneMedia& media) {
  return {{"kind", media.part.kind},
          {"mimetype", media.part.mimetype},
          {"sha256", media.sha256.empty() ? Json() : Json(hex_lower(media.sha256))},
          {"length", media.length},
          {"caption", media.part.caption},
          {"filename", media.part.filename},
          {"view_once", media.part.view_once},
          {"path", media.part.path},
          {"unreadable", media.unreadable.empty() ? Json() : Json(media.unreadable)}};
}

}  // namespace

Json message_json(const PhoneMessage& message) {
  Json receipts = Json::array();
  for (const auto& receipt : message.receipts)
    receipts.push_back({{"from", receipt.from}, {"type", receipt.type}, {"timestamp", receipt.time}});
  Json json = {{"index", message.index},
               {"id", message.id},
               {"chat", message.chat.text()},
               {"from", message.from.text()},
               {"to", message.to.text()},
               {"text", message.text},
               {"type", message.type},
               {"from_me", message.from_me},
               {"device", message.device},
               {"timestamp", message.timestamp},
               {"reply_to", message.reply_to.empty() ? Json() : Json(message.reply_to)},
               {"ack", message.ack.empty() ? Json() : Json(message.ack)},
               {"acks", std::move(receipts)}};
  if (message.error != 0) json["error"] = message.error;
  if (message.media) json["media"] = media_json(*message.media);
  return json;
}

Json fault_json(const Fault& fault) {
  return {{"id", fault.id},
          {"kind", std::string(fault_name(fault.kind))},
          {"account", fault.account.empty() ? Json() : Json(fault.account)},
          {"device", fault.device ? Json(*fault.device) : Json()},
          {"to", fault.to.empty() ? Json() : Json(fault.to)},
          {"code", fault.code == 0 ? Json() : Json(fault.code)},
          {"type", fault.type.empty() ? Json() : Json(fault.type)},
          {"way", fault.way.empty() ? Json() : Json(fault.way)},
          {"rate", fault.rate == 0 ? Json() : Json(fault.rate)},
          {"count", fault.count ? Json(*fault.count) : Json()},
          {"until", fault.until_reconnect ? Json("reconnect") : Json()}};
}

Json violation_json(const Violation& violation) {
  return {{"index", violation.index},
          {"time", violation.time},
          {"rule", violation.rule},
          {"account", violation.account.empty() ? Json() : Json(violation.account)},
          {"device", violation.account.empty() ? Json() : Json(violation.device)},
          {"detail", violation.detail},
          {"stanza", violation.stanza.empty() ? Json() : Json(violation.stanza)}};
}

Json trace_json(const TraceEntry& entry) {
  return {{"index", entry.index},
          {"time", entry.time},
          {"connection", entry.connection},
          {"account", entry.account.empty() ? Json() : Json(entry.account)},
          {"device", entry.account.empty() ? Json() : Json(entry.device)},
          {"direction", entry.from_client ? "in" : "out"},
          {"unsupported", entry.unsupported},
          {"stanza", wire::to_xml(entry.stanza)},
          {"bytes", entry.from_client ? Json(hex_lower(entry.bytes)) : Json()}};
}

}  // namespace pigeond::sandbox
