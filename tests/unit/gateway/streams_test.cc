// Streams of events: who is told what, where it goes on, and what becomes of those who do not read.
#include "gateway/streams/streams.h"

#include "base/limits.h"
#include "gateway/events/journal.h"
#include "gateway/events/kinds.h"
#include "store/events.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

using Texts = std::vector<std::string>;

std::string word(Topic topic) {
  switch (topic) {
    case Topic::message_in:
      return "in";
    case Topic::message_any:
      return "any";
    default:
      return "other";
  }
}

// An event in words: its topic and the message's id.
class Short final : public EventFormat {
 public:
  std::string format(const EventSession& session, const Event& event) const override {
    ++made;
    const auto* message = std::get_if<engine::MessageEvent>(&event.payload);
    return session.name + " " + word(event.topic) + (message != nullptr ? " " + message->id : "");
  }
  mutable int made = 0;
};

// The end of a connection, as a test sees it.
struct Client {
  Texts got, ids;
  std::size_t buffered = 0;
  bool answers = true;
  std::optional<StreamOutlet::Why> closed;
  int gaps = 0;
  std::string gap_after;
};

class HandOutlet final : public StreamOutlet {
 public:
  explicit HandOutlet(Client& client) : client_(client) {}
  void send(const EventText& event) override {
    client_.got.push_back(event.text);
    client_.ids.push_back(event.id);
  }
  void send_gap(const std::string& last_id) override {
    ++client_.gaps;
    client_.gap_after = last_id;
  }
  std::size_t buffered() const override { return client_.buffered; }
  bool keep_alive() override { return client_.answers; }
  void close(Why why) override { client_.closed = why; }

 private:
  Client& client_;
};

class Streams : public ::testing::Test {
 protected:
  static constexpr Millis kKeep = kDay;

  Streams() { journal.resume(); }
  ~Streams() override { database->rollback(); }

  void tell(const std::string& id, const std::string& session = "a", bool from_me = true) {
    JournalEvent event;
    event.at = clock.wall;
    event.session.name = session;
    engine::MessageEvent message;
    message.id = id;
    message.from_me = from_me;
    event.kind = *kind_of({}, message);
    event.payload = std::move(message);
    if (journal.has_streams(event.at))
      journal.write(1, event, 0);
    else
      journal.skip();
  }
  void commit() {
    journal.part_ended(true);
    ASSERT_TRUE(database->commit());
    journal.committed();
    feed.committed(journal.committed_last());
    database->begin();
    run();
  }
  void run() {
    for (int i = 0; i < 5; ++i) loop.run_once(clock.mono);
    streams->pump();
  }
  void pass(Millis time) {
    for (const Millis until = clock.mono + time; clock.mono < until; clock.mono += kSecond) {
      clock.wall += kSecond;
      loop.run_once(clock.mono);
    }
  }
  EventStreams::Id open(Client& client, const std::string& last = "", const std::string& session = "",
                        Topics topics = Topics::all()) {
    const auto id =
        streams->add({session, topics}, parse_event_id(last), std::make_unique<HandOutlet>(client));
    journal.stream_begins(clock.wall);
    commit();
    streams->start(id, journal.committed_last());
    return id;
  }

  HandClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  std::unique_ptr<store::Database> database = std::move(store::Database::open(":memory:").value());
  EventFeed feed;
  Journal journal{*database, random, feed, "test", kKeep};
  std::shared_ptr<Short> words = std::make_shared<Short>();
  int opened = 0;
  std::unique_ptr<EventStreams> streams =
      std::make_unique<EventStreams>(loop, feed, words, [this]() -> std::unique_ptr<EventReader> {
        ++opened;
        return std::make_unique<EventReader>(*database);
      });
};

TEST_F(Streams, TellWhatIsCommittedToThoseWhoWantIt) {
  Client all, one, acks;
  open(all);
  open(one, "", "b");
  open(acks, "", "", {Topic::ack, Topic::session_status});
  tell("1");
  tell("2", "b", false);
  streams->pump();
  EXPECT_EQ(all.got, Texts{}) << "before the commit";
  commit();
  EXPECT_EQ(all.got, (Texts{"a any 1", "b in 2", "b any 2"}));
  EXPECT_EQ(one.got, (Texts{"b in 2", "b any 2"}));
  EXPECT_EQ(acks.got, Texts{});
  EXPECT_EQ(words->made, 3) << "once for all";
  EXPECT_EQ(opened, 1);
}

TEST_F(Streams, GoOnAfterTheLastEventAlsoBetweenItsNames) {
  Client first;
  const auto id = open(first);
  tell("1", "a", false);
  tell("2", "a", false);
  commit();
  ASSERT_EQ(first.ids.size(), 4u);
  streams->remove(id);
  tell("3");
  commit();
  const Texts rest = {"a in 1", "a any 1", "a in 2", "a any 2", "a any 3"};
  for (std::size_t got = 1; got <= 4; ++got) {
    Client again;
    const auto back = open(again, first.ids[got - 1]);
    EXPECT_EQ(again.got, Texts(rest.begin() + static_cast<std::ptrdiff_t>(got), rest.end()));
    EXPECT_EQ(again.gaps, 0);
    streams->remove(back);
  }
}

TEST_F(Streams, WhatTheJournalHasGivenUpIsTold) {
  Client first;
  auto id = open(first);
  for (int i = 1; i <= 5; ++i) tell(std::to_string(i));
  commit();
  streams->remove(id);
  store::prune_events(*database, {0, 2}, 0, 100);
  Client behind, beside, strange;
  id = open(behind, first.ids[0]);
  EXPECT_EQ(behind.gaps, 1);
  EXPECT_EQ(behind.gap_after, first.ids[0]);
  EXPECT_EQ(behind.got, (Texts{"a any 4", "a any 5"}));
  open(beside, first.ids[2]);
  EXPECT_EQ(beside.gaps, 0) << "what it got last is gone, and nothing after it";
  EXPECT_EQ(beside.got.size(), 2u);
  auto other = *parse_event_id(first.ids[4]);
  other.mark ^= 1;
  open(strange, event_id(other));
  EXPECT_EQ(strange.gaps, 1) << "of another database";
  EXPECT_EQ(strange.got.size(), 2u);
  Client ahead;
  other.seq += 1000;
  open(ahead, event_id(other));
  EXPECT_EQ(ahead.gaps, 1);
}

TEST_F(Streams, AFullOneWaitsAndMissesNothingUnlessItIsTold) {
  Client slow, quick;
  open(slow);
  open(quick);
  slow.buffered = limits::kEventStreamAhead;
  for (int i = 1; i <= 200; ++i) tell(std::to_string(i));
  commit();
  EXPECT_EQ(quick.got.size(), 200u);
  EXPECT_TRUE(slow.got.empty());
  slow.buffered = 0;
  pass(2 * kSecond);
  EXPECT_EQ(slow.got, quick.got);
  slow.buffered = limits::kEventStreamAhead;
  for (int i = 1; i <= 10; ++i) tell(std::to_string(i));
  commit();
  store::prune_events(*database, {0, 3}, 0, 1000);
  slow.buffered = 0;
  pass(2 * kSecond);
  EXPECT_EQ(slow.gaps, 1);
  EXPECT_EQ(slow.got.size(), 203u);
  EXPECT_EQ(quick.gaps, 0);
}

TEST_F(Streams, WhoTakesNothingForAMinuteOrAnswersNoPingIsClosed) {
  Client stuck, silent, well;
  open(stuck);
  open(silent);
  open(well);
  stuck.buffered = limits::kEventStreamAhead;
  silent.answers = false;
  tell("1");
  commit();
  pass(30 * kSecond);
  EXPECT_EQ(silent.closed, StreamOutlet::Why::silent);
  EXPECT_FALSE(stuck.closed);
  pass(40 * kSecond);
  EXPECT_EQ(stuck.closed, StreamOutlet::Why::does_not_read);
  EXPECT_FALSE(well.closed);
}

TEST_F(Streams, WhereNobodyListensNothingIsWrittenAndWhoComesBackIsToldSo) {
  tell("unheard");
  EXPECT_EQ(store::oldest_event(*database), 0);
  Client first;
  const auto id = open(first);
  tell("1");
  commit();
  streams->remove(id);
  pass(10 * kSecond);
  tell("2");
  commit();
  Client soon;
  const auto again = open(soon, first.ids[0]);
  EXPECT_EQ(soon.got, Texts{"a any 2"});
  EXPECT_EQ(soon.gaps, 0);
  streams->remove(again);
  clock.mono += kKeep + kHour;
  clock.wall += kKeep + kHour;
  tell("3");
  commit();
  Client late;
  open(late, soon.ids[0]);
  EXPECT_EQ(late.got, Texts{});
  EXPECT_EQ(late.gaps, 1) << "the third was not written";
  tell("4");
  commit();
  EXPECT_EQ(late.got, Texts{"a any 4"});
}

TEST_F(Streams, ADatabaseThatIsLetGoClosesThem) {
  Client client;
  const auto id = open(client);
  tell("1");
  commit();
  feed.lost();
  streams->pump();
  EXPECT_EQ(client.closed, StreamOutlet::Why::journal_lost);
  streams->remove(id);
  feed.back(journal.committed_last());
  Client again;
  open(again, client.ids[0]);
  tell("2");
  commit();
  EXPECT_EQ(again.got, Texts{"a any 2"});
  EXPECT_EQ(opened, 2) << "another file may be there";
}

TEST_F(Streams, APartThatIsRolledBackLeavesNoEventAndNoHole) {
  Client client;
  open(client);
  tell("1");
  journal.part_ended(true);
  database->begin_part();
  tell("lost");
  database->fail_unit(fail(Cause::malformed, "a row that makes no sense"));
  const Status stands = database->end_part();
  EXPECT_FALSE(stands);
  journal.part_ended(stands.ok());
  tell("2");
  commit();
  EXPECT_EQ(client.got, (Texts{"a any 1", "a any 2"}));
  EXPECT_EQ(parse_event_id(client.ids[1])->seq, parse_event_id(client.ids[0])->seq + 1);
}

}  // namespace
}  // namespace pigeond::gateway
