// Deliveries to webhooks: what waits, what was taken, what was given up, and once more.
#include <limits>

#include "api/json.h"
#include "api/query.h"
#include "api/reply.h"
#include "api/waha/routes.h"
#include "base/limits.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

using gateway::DeliveryInfo;
using gateway::DeliveryState;
using gateway::Gateway;
using net::HttpReply;
using net::HttpRequest;

constexpr std::size_t kPage = 100;  // entries, where no limit is asked for

constexpr std::pair<std::string_view, DeliveryState> kStates[] = {{"pending", DeliveryState::pending},
                                                                  {"delivered", DeliveryState::delivered},
                                                                  {"dead", DeliveryState::dead}};

std::optional<DeliveryState> parse_state(std::string_view text) {
  for (const auto& [name, state] : kStates) {
    if (text == name) return state;
  }
  return std::nullopt;
}

std::string_view state_name(DeliveryState wanted) {
  for (const auto& [name, state] : kStates) {
    if (state == wanted) return name;
  }
  return {};
}

std::optional<std::int64_t> parse_id(std::string_view text) {
  const auto number = parse_unsigned(text);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || *number == 0 || *number > kLargest) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

Json time_or_null(Millis wall) {
  return wall == 0 ? Json() : Json(wall);
}

Json delivery(const DeliveryInfo& info) {
  Json json;
  json["id"] = info.id;
  json["url"] = info.url;
  json["event"] = info.event;
  json["eventId"] = info.event_id;
  json["state"] = state_name(info.state);
  json["createdAt"] = info.created_ms;
  json["endedAt"] = time_or_null(info.ended_ms);
  json["nextTryAt"] = time_or_null(info.next_try_ms);
  json["tries"] = info.tries;
  json["reason"] = info.why.empty() ? Json() : Json(info.why);
  json["replayOf"] = info.replay_of == 0 ? Json() : Json(info.replay_of);
  return json;
}

HttpReply failure(const Error& error) {
  return error.cause == Cause::not_found ? error_reply(404, error.detail) : failure_reply(error);
}

HttpReply list(Gateway& gateway, const HttpRequest& request) {
  gateway::DeliveryFilter filter;
  filter.url = request.parameter("url");
  if (const auto state = request.parameter("state"); !state.empty()) {
    filter.state = parse_state(state);
    if (!filter.state) return error_reply(400, "state must be pending, delivered or dead");
  }
  if (const auto after = request.parameter("after"); !after.empty() && after != "0") {
    const auto id = parse_id(after);
    if (!id) return error_reply(400, "after must be the id of a delivery");
    filter.after = *id;
  }
  const auto limit = count_parameter(request, "limit", 1, limits::kListLimit, kPage);
  if (!limit) return failure(limit.error());
  filter.limit = *limit;
  const auto found = gateway.deliveries(request.params.at("session"), filter);
  if (!found) return failure(found.error());
  Json body = Json::array();
  for (const auto& info : *found) body.push_back(delivery(info));
  return json_reply(200, body);
}

HttpReply show(Gateway& gateway, const HttpRequest& request) {
  const auto id = parse_id(request.params.at("id"));
  if (!id) return error_reply(400, "id must be the id of a delivery");
  const auto found = gateway.delivery(request.params.at("session"), *id);
  if (!found) return failure(found.error());
  Json body = delivery(*found);
  body["body"] = Json::parse(found->body, nullptr, false);
  return json_reply(200, body);
}

HttpReply replay_one(Gateway& gateway, const HttpRequest& request) {
  const auto id = parse_id(request.params.at("id"));
  if (!id) return error_reply(400, "id must be the id of a delivery");
  const auto body = parse_object(request.body);
  if (!body) return failure_reply(body.error());
  Fields fields(*body);
  const auto to_url = fields.text("toUrl");
  if (const auto status = fields.status(); !status) return failure_reply(status.error());
  const auto repeated = gateway.replay(request.params.at("session"), *id, to_url);
  if (!repeated) return failure(repeated.error());
  return json_reply(201, delivery(*repeated));
}

Result<gateway::ReplayRange> read_range(const Json& body) {
  Fields fields(body);
  gateway::ReplayRange range;
  range.url = fields.text("url");
  range.to_url = fields.text("toUrl");
  const auto state = fields.text("state");
  if (!state.empty()) {
    const auto known = parse_state(state);
    if (!known || *known == DeliveryState::pending) fields.reject("state", "must be dead or delivered");
    range.state = known.value_or(DeliveryState::dead);
  }
  // What JSON numbers hold exactly where they are read as doubles; -1: not given.
  constexpr std::int64_t kLargest = std::int64_t{1} << 53;
  const auto number = [&](const char* name) { return fields.number(name, 0, kLargest, -1); };
  const auto from_id = number("fromId"), to_id = number("toId");
  const auto from_ms = number("fromTime"), to_ms = number("toTime");
  if (from_id >= 0) range.from_id = from_id;
  if (to_id >= 0) range.to_id = to_id;
  if (from_ms >= 0) range.from_ms = from_ms;
  if (to_ms >= 0) range.to_ms = to_ms;
  if (range.to_id < range.from_id) fields.reject("toId", "must not be below fromId");
  if (range.to_ms < range.from_ms) fields.reject("toTime", "must not be before fromTime");
  if (state.empty() && from_id < 0 && to_id < 0 && from_ms < 0 && to_ms < 0)
    fields.reject("state", "is required where no fromId, toId, fromTime or toTime is given");
  PIGEOND_CHECK(fields.status());
  return range;
}

HttpReply replay_range(Gateway& gateway, const HttpRequest& request) {
  const auto body = parse_object(request.body);
  if (!body) return failure_reply(body.error());
  const auto range = read_range(*body);
  if (!range) return failure_reply(range.error());
  const auto done = gateway.replay(request.params.at("session"), *range);
  if (!done) return failure(done.error());
  return json_reply(201,
                    {{"replayed", done->count}, {"nextId", done->next == 0 ? Json() : Json(done->next)}});
}

}  // namespace

void add_webhook_routes(net::HttpRouter& router, Gateway& gateway) {
  const std::string path = "/api/sessions/{session}/webhooks/deliveries";
  router.add("GET", path, [&](const HttpRequest& r) { return list(gateway, r); });
  router.add("POST", path + "/replay", [&](const HttpRequest& r) { return replay_range(gateway, r); });
  router.add("GET", path + "/{id}", [&](const HttpRequest& r) { return show(gateway, r); });
  router.add("POST", path + "/{id}/replay", [&](const HttpRequest& r) { return replay_one(gateway, r); });
}

}  // namespace pigeond::api::waha
