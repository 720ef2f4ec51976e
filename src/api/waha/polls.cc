// Polls and events that are made, and votes.
#include <algorithm>
#include <set>

#include "api/waha/sending.h"
#include "base/text.h"
#include "engine/messages/kinds/event.h"
#include "engine/messages/kinds/poll.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kEventName = 100, kEventText = 2048;  // characters
constexpr std::int64_t kLatest = 253402300799;              // the end of the year 9999

struct Poll {
  std::string name;
  std::vector<std::string> options;
  bool several = false;
  static constexpr const char* kName = "MessagePoll";
  static void describe(schema::Input<Poll>& is) {
    is("name", &Poll::name).required().length(1, engine::kPollName).help("What is asked.");
    is("options", &Poll::options)
        .required()
        .at_most(engine::kPollOptions)
        .length(1, engine::kPollOptionName)
        .help("2 to 12, each another one.");
    is("multipleAnswers", &Poll::several).help("People may choose several.");
  }
};

struct SendPoll : SendFields {
  Poll poll;
  static constexpr const char* kName = "MessagePollRequest";
  static void describe(schema::Input<SendPoll>& is) {
    describe_to(is);
    is("poll", &SendPoll::poll).required();
    describe_rest(is);
  }
  Status check() const {
    const std::set<std::string> different(poll.options.begin(), poll.options.end());
    if (poll.options.size() < 2) return fail(Cause::bad_input, "poll.options must be at least 2");
    // Votes name them by their hashes.
    if (different.size() < poll.options.size())
      return fail(Cause::bad_input, "poll.options must be different from each other");
    return {};
  }
  engine::Content says() const { return engine::poll_content(poll.name, poll.options, poll.several); }
};

struct SendPollVote : SendFields {
  engine::MessageRef poll;
  std::vector<std::string> votes;
  static constexpr const char* kName = "MessagePollVoteRequest";
  static void describe(schema::Input<SendPollVote>& is) {
    describe_to(is);
    is("pollMessageId", &SendPollVote::poll, kTarget).required().help("The poll.");
    is("votes", &SendPollVote::votes)
        .at_most(engine::kPollOptions)
        .length(1, engine::kPollOptionName)
        .help("The names of all options that are chosen from now on; none: the vote is withdrawn.");
    describe_way(is);
  }
  engine::Remark says_about() const { return {poll, engine::Vote{votes}}; }
};

struct Place {
  std::string name;
  static constexpr const char* kName = "EventLocation";
  static void describe(schema::Input<Place>& is) {
    is("name", &Place::name).required().length(1, limits::kPlaceName);
  }
};

struct EventFields {
  std::string name, description;
  std::int64_t start = 0, end = 0;
  Place place;
  bool guests = false;
  static constexpr const char* kName = "EventMessage";
  static void describe(schema::Input<EventFields>& is) {
    is("name", &EventFields::name).required().length(1, kEventName);
    is("description", &EventFields::description).length(0, kEventText);
    is("startTime", &EventFields::start).required().range(1, kLatest).help("Unix seconds.");
    is("endTime", &EventFields::end).range(0, kLatest).zero_is_absent().help("Unix seconds.");
    is("location", &EventFields::place);
    is("extraGuestsAllowed", &EventFields::guests).help("People may bring others along.");
  }
};

struct SendEvent : SendFields {
  EventFields event;
  static constexpr const char* kName = "EventMessageRequest";
  static void describe(schema::Input<SendEvent>& is) {
    describe_to(is);
    is("event", &SendEvent::event).required();
    describe_rest(is);
  }
  Status check() const {
    if (event.end != 0 && event.end < event.start)
      return fail(Cause::bad_input, "event.endTime must not be before event.startTime");
    return {};
  }
  engine::Content says() const {
    return engine::event_content(
        {event.name, event.description, event.start, event.end, event.place.name, event.guests});
  }
};

}  // namespace

Operations poll_operations() {
  return {
      sending<SendPoll>("/api/sendPoll", "sendPoll", "Sends a poll"),
      sending<SendPollVote>("/api/sendPollVote", "sendPollVote", "Votes in a poll"),
      sending<SendEvent>("/api/{session}/events", "sendEvent", "Invites to an event", "Events"),
  };
}

}  // namespace pigeond::api::waha
