// Deliveries to webhooks: what waits, what was taken, what was given up, and once more.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/names.h"
#include "api/waha/operations.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

using gateway::DeliveryInfo;
using gateway::DeliveryState;
using net::HttpReply;
using schema::positive;

constexpr const char* kTag = "Webhooks";
constexpr const char* kPath = "/api/sessions/{session}/webhooks/deliveries";

constexpr std::pair<std::string_view, DeliveryState> kStates[] = {{"pending", DeliveryState::pending},
                                                                  {"delivered", DeliveryState::delivered},
                                                                  {"dead", DeliveryState::dead}};
constexpr std::pair<std::string_view, DeliveryState> kEnded[] = {{"dead", DeliveryState::dead},
                                                                 {"delivered", DeliveryState::delivered}};

std::string event_of(const DeliveryInfo& info) {
  return info.topic ? std::string(event_name(*info.topic)) : info.told_as;
}

struct DeliveryShape {
  using Of = DeliveryInfo;
  static constexpr const char* kName = "WebhookDelivery";
  static void describe(schema::Output<Of>& shows) {
    shows("id", [](const Of& info) { return info.id; });
    shows("url", [](const Of& info) { return info.url; }).help("Without a password.");
    shows("event", event_of);
    shows("eventId", [](const Of& info) { return info.event_id; });
    shows("state", [](const Of& info) {
      return schema::Choice<DeliveryState>{kStates}.name(info.state);
    }).one_of({"pending", "delivered", "dead"});
    shows("createdAt", [](const Of& info) { return info.created_ms; }).help("Unix ms, of the event.");
    shows("endedAt", [](const Of& info) { return positive(info.ended_ms); }).or_null().help("Unix ms.");
    shows("nextTryAt", [](const Of& info) { return positive(info.next_try_ms); }).or_null().help("Unix ms.");
    shows("tries", [](const Of& info) { return info.tries; });
    shows("reason", [](const Of& info) { return schema::text_if(info.why); })
        .or_null()
        .help("The last answer or error.");
    shows("replayOf", [](const Of& info) { return positive(info.replay_of); }).or_null();
  }
};

struct DeliveryWithBody {
  using Of = DeliveryInfo;
  static constexpr const char* kName = "WebhookDeliveryWithBody";
  static void describe(schema::Output<Of>& shows) {
    DeliveryShape::describe(shows);
    shows("body", [](const Of& info) {
      return Json::parse(info.body, nullptr, false);
    }).help("What was sent.");
  }
};

HttpReply failure(const Error& error) {
  return error.cause == Cause::not_found ? error_reply(404, error.detail) : failure_reply(named(error));
}

struct ListDeliveries : gateway::DeliveryFilter {
  ListDeliveries() { limit = 100; }
  std::string session = "default";
  static constexpr const char* kName = "ListDeliveries";
  static void describe(schema::Input<ListDeliveries>& is) {
    is.session(&ListDeliveries::session, kSession);
    is("url", &ListDeliveries::url);
    is("state", &ListDeliveries::state, kStates);
    is("after", &ListDeliveries::after)
        .range(1, schema::kLargestNumber)
        .zero_is_absent()
        .help("Ids above this one.");
    is("limit", &ListDeliveries::limit).range(1, limits::kListLimit);
  }
};

HttpReply list(const Call& call, const ListDeliveries& in) {
  const auto found = call.gateway.deliveries(in.session, in);
  return found ? json_reply(200, schema::list_of<DeliveryShape>(*found)) : failure(found.error());
}

struct OneDelivery {
  std::string session = "default";
  std::int64_t id = 0;
  std::string to_url;
  static constexpr const char* kName = "OneDelivery";
  static void describe(schema::Input<OneDelivery>& is) {
    is.session(&OneDelivery::session, kSession);
    is("id", &OneDelivery::id).required().range(1, schema::kLargestNumber);
  }
};

HttpReply show(const Call& call, const OneDelivery& in) {
  const auto found = call.gateway.delivery(in.session, in.id);
  return found ? reply<DeliveryWithBody>(200, *found) : failure(found.error());
}

struct ReplayDelivery : OneDelivery {
  static constexpr const char* kName = "ReplayDelivery";
  static void describe(schema::Input<ReplayDelivery>& is) {
    is.session(&ReplayDelivery::session, kSession);
    is("id", &ReplayDelivery::id).required().range(1, schema::kLargestNumber);
    is("toUrl", &ReplayDelivery::to_url).help("Another webhook of the session.");
  }
};

HttpReply replay_one(const Call& call, const ReplayDelivery& in) {
  const auto repeated = call.gateway.replay(in.session, in.id, in.to_url);
  return repeated ? reply<DeliveryShape>(201, *repeated) : failure(repeated.error());
}

struct ReplayDeliveries {
  std::string session = "default";
  std::string url, to_url;
  std::optional<DeliveryState> state;
  std::optional<std::int64_t> from_id, to_id, from_ms, to_ms;
  static constexpr const char* kName = "ReplayDeliveries";
  static void describe(schema::Input<ReplayDeliveries>& is) {
    is.session(&ReplayDeliveries::session, kSession);
    is("url", &ReplayDeliveries::url).help("Of this webhook; else of all.");
    is("toUrl", &ReplayDeliveries::to_url).help("To another webhook of the session.");
    is("state", &ReplayDeliveries::state, kEnded).help("dead, where it is not given.");
    is("fromId", &ReplayDeliveries::from_id).range(0, schema::kLargestNumber);
    is("toId", &ReplayDeliveries::to_id).range(0, schema::kLargestNumber);
    is("fromTime", &ReplayDeliveries::from_ms)
        .range(0, schema::kLargestNumber)
        .zero_is_absent()
        .help("Unix ms.");
    is("toTime", &ReplayDeliveries::to_ms).range(0, schema::kLargestNumber).zero_is_absent().help("Unix ms.");
  }
};

Result<gateway::ReplayRange> range_of(const ReplayDeliveries& in) {
  gateway::ReplayRange range;
  range.url = in.url;
  range.to_url = in.to_url;
  range.state = in.state.value_or(DeliveryState::dead);
  range.from_id = in.from_id.value_or(range.from_id);
  range.to_id = in.to_id.value_or(range.to_id);
  range.from_ms = in.from_ms.value_or(range.from_ms);
  range.to_ms = in.to_ms.value_or(range.to_ms);
  if (range.to_id < range.from_id) return fail(Cause::bad_input, "toId must not be below fromId");
  if (range.to_ms < range.from_ms) return fail(Cause::bad_input, "toTime must not be before fromTime");
  if (!in.state && !in.from_id && !in.to_id && !in.from_ms && !in.to_ms)
    return fail(Cause::bad_input, "state is required where no fromId, toId, fromTime or toTime is given");
  return range;
}

struct ReplayedShape {
  using Of = gateway::Replayed;
  static constexpr const char* kName = "Replayed";
  static void describe(schema::Output<Of>& shows) {
    shows("replayed", [](const Of& done) { return done.count; });
    shows("nextId", [](const Of& done) { return positive(done.next); })
        .or_null()
        .help("fromId of the call that goes on; null: the range is done.");
  }
};

HttpReply replay_range(const Call& call, const ReplayDeliveries& in) {
  const auto range = range_of(in);
  if (!range) return failure_reply(range.error());
  const auto done = call.gateway.replay(in.session, *range);
  return done ? reply<ReplayedShape>(201, *done) : failure(done.error());
}

}  // namespace

Operations webhook_operations() {
  const std::string path = kPath;
  return {
      operation<ListDeliveries>({"GET", path, "listDeliveries", kTag, Scope::read, Whose::one,
                                 "What waits for webhooks, was taken, or was given up"},
                                list)
          .gives(200, "By their ids.", json_list<DeliveryShape>())
          .fails({404}),
      operation<ReplayDeliveries>({"POST", path + "/replay", "replayDeliveries", kTag, Scope::control,
                                   Whose::one, "Sends once more what ended"},
                                  replay_range)
          .gives(201, "How many.", json<ReplayedShape>())
          .fails({404, 422}),
      operation<OneDelivery>(
          {"GET", path + "/{id}", "getDelivery", kTag, Scope::read, Whose::one, "A delivery and its body"},
          show)
          .gives(200, "The delivery.", json<DeliveryWithBody>())
          .fails({404}),
      operation<ReplayDelivery>({"POST", path + "/{id}/replay", "replayDelivery", kTag, Scope::control,
                                 Whose::one, "Sends a delivery once more"},
                                replay_one)
          .gives(201, "The new delivery.", json<DeliveryShape>())
          .fails({404, 422}),
  };
}

}  // namespace pigeond::api::waha
