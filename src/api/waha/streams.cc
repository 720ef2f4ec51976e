// Streams of events: as WAHA has them, over a WebSocket, and as server-sent events.
#include "api/streams.h"

#include "api/waha/formats.h"
#include "api/waha/names.h"
#include "api/waha/operations.h"
#include "base/limits.h"
#include "gateway/session_name.h"

namespace pigeond::api::waha {
namespace {

constexpr const char* kTag = "Events";

// A session's name; "*" is all of them, which is told as none.
struct AnySession {
  static constexpr schema::Shape kShape = schema::Shape::text;
  static Status read(const Json& json, const schema::Rules&, const schema::Path& path, std::string& out) {
    if (!json.is_string()) return path.error("must be a string");
    out = json.get<std::string>();
    if (out == "*") out.clear();
    if (!out.empty() && !gateway::is_session_name(out)) return path.error("must be a session's name, or *");
    return {};
  }
  static Json schema(const schema::Rules&, schema::Components&) {
    return {{"type", "string"}, {"description", "a session's name, or *"}};
  }
  static Json show(const std::string& value) { return value.empty() ? "*" : value; }
};

// Names of events, or "*".
struct EventList {
  static constexpr schema::Shape kShape = schema::Shape::list;
  static Status read(const Json& json, const schema::Rules&, const schema::Path& path, gateway::Topics& out) {
    gateway::Topics topics;
    std::size_t size = 0;
    for (const auto& name : json) {
      if (!name.is_string()) return path.error("must be names of events");
      const auto text = name.get<std::string>();
      if ((size += text.size()) > limits::kEventFilter) return path.error("is too long");
      const auto named = topics_named(text);
      if (!named) return fail(Cause::bad_input, path.text() + ": " + named.error().detail);
      topics.add(*named);
    }
    if (!topics.empty()) out = topics;
    return {};
  }
  static Json schema(const schema::Rules&, schema::Components&) {
    Json names = event_names();
    names.push_back("*");
    return {{"type", "array"}, {"items", {{"type", "string"}, {"enum", std::move(names)}}}};
  }
  static Json show(const gateway::Topics&) { return nullptr; }
};

constexpr schema::Format<gateway::EventId> kEventId{"the id of an event", "evt_01kb2zc5wp0000002a3f9k2c01",
                                                    gateway::parse_event_id};

struct StreamEvents {
  std::string session;  // empty: all
  gateway::Topics topics = topics_of_star();
  std::optional<gateway::EventId> last, last_of_browser;
  static constexpr const char* kName = "StreamEvents";
  static void describe(schema::Input<StreamEvents>& is) {
    is.session(&StreamEvents::session, AnySession{});
    is("events", &StreamEvents::topics, EventList{})
        .help("Those that are told; also with commas between them. None: *.");
    is("lastEventId", &StreamEvents::last, kEventId)
        .help("Of the last event that came: what followed comes first.");
    is("Last-Event-ID", &StreamEvents::last_of_browser, kEventId)
        .in(schema::kHeader)
        .help("The same, as an EventSource says it.");
  }
  // A browser comes back with the URL that it began with, and the header says how far it got since.
  Streams::Wish wish() const { return {{session, topics}, last_of_browser ? last_of_browser : last}; }
};

}  // namespace

Operations stream_operations(Streams* streams) {
  return {
      stream<StreamEvents>({"GET", "/ws", "openWebSocket", kTag, Scope::read, Whose::named,
                            "Events as they happen, over a WebSocket"},
                           [streams](const Call& call, const StreamEvents& in) {
                             return streams->open_websocket(call.http, in.wish());
                           })
          .gives(101, "A WebSocket (RFC 6455); each event comes in a text frame.", nothing())
          .fails({426}),
      stream<StreamEvents>({"GET", "/api/events/stream", "openEventStream", kTag, Scope::read, Whose::named,
                            "Events as they happen, as server-sent events"},
                           [streams](const Call& call, const StreamEvents& in) {
                             return streams->open_server_sent(call.http, in.wish());
                           })
          .gives(200, "It does not end; the data of each event is JSON.", api::text("text/event-stream")),
  };
}

}  // namespace pigeond::api::waha
