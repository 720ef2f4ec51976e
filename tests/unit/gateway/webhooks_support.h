// What the tests of webhooks share: a database, and a sender that answers when it is told to, in a time that
// only a test moves.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "gateway/webhooks/shown.h"
#include "gateway/webhooks/webhooks.h"
#include "store/events.h"
#include "store/sessions.h"

namespace pigeond::gateway {

class HandClock final : public Clock {
 public:
  Instant now() override { return {mono, wall}; }
  Millis mono = 1000000;
  Millis wall = 1767225600 * kSecond;
};

// What a dialect says of a request, in words of this folder.
class Marks final : public EventFormat {
 public:
  std::string format(const EventSession&, const Event&) const override { return "{}"; }
  Headers headers(const RequestMark& mark) const override {
    Headers out = {{"Mark-Id", mark.id},
                   {"Mark-Created", std::to_string(mark.created_ms)},
                   {"Mark-Attempt", std::to_string(mark.attempt)}};
    if (!mark.hmac.empty()) out.emplace_back("Mark-Hmac", mark.hmac);
    return out;
  }
  bool is_own_header(std::string_view name) const override {
    return name.starts_with("Mark-") || name.starts_with("mark-");
  }
};

// Requests as they leave; each waits for a test to answer it.
class HandSender final : public net::HttpSender {
 public:
  struct Sent {
    Id id = 0;
    net::HttpClientRequest request;
    Callback callback;
  };

  Id send(const net::HttpClientRequest& request, Callback callback) override {
    open.push_back({++last, request, std::move(callback)});
    ++total;
    return last;
  }
  void cancel(Id id) override {
    std::erase_if(open, [id](const Sent& sent) { return sent.id == id; });
  }

  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& sent : open) out.push_back(sent.request.body);
    return out;
  }
  std::string header(std::size_t at, const std::string& name) const {
    return std::string(net::find_header(open.at(at).request.headers, name).value_or(""));
  }
  void answer(std::size_t at, Result<net::HttpResponse> answer) {
    Sent sent = std::move(open.at(at));
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    sent.callback(std::move(answer));
  }
  void answer(std::size_t at, int status) {
    net::HttpResponse response;
    response.status = status;
    answer(at, response);
  }

  std::deque<Sent> open;
  Id last = 0;
  std::size_t total = 0;
};

inline engine::MessageEvent message_in(const std::string& chat) {
  engine::MessageEvent message;
  message.chat = *wire::parse_jid(chat + "@s.whatsapp.net");
  message.chat_pn = message.chat;
  return message;
}

using ChangeWebhook = std::function<void(WebhookConfig&)>;

// One after the other, `delay` seconds apart.
inline RetryPolicy retries(int attempts, double delay = 2) {
  return {RetryPolicy::Kind::constant, delay, attempts, kHour};
}

inline WebhookConfig webhook_at(const std::string& url, const ChangeWebhook& change = {}) {
  WebhookConfig webhook;
  webhook.url = url;
  webhook.topics = Topics::all();
  if (change) change(webhook);
  return webhook;
}

// An event whose words are given: with this topic, and with the id "evt_" and its body. One part of a tick.
inline void tell(store::Database& database, Webhooks& webhooks, std::int64_t session,
                 const SessionConfig& config, Millis at, Topic topic, const EventPayload& payload,
                 const std::string& body) {
  const Topic topics[] = {topic};
  const std::int64_t seq = store::journal_state(database).last + 1;
  const std::string words = "its name\nevt_" + body + "\n" + body;
  store::add_event(database, {seq, session, 0, at, to_bytes(as_bytes(words))},
                   Webhooks::deliveries_of(config, topics));
  webhooks.add(session, config, topics, seq, webhook_line(payload));
  webhooks.part_ended(true);
}

class WebhookWorld : public ::testing::Test {
 protected:
  static constexpr const char* kUrl = "http://receiver/hook";

  void SetUp() override {
    auto opened = store::Database::open(":memory:");
    ASSERT_TRUE(opened);
    database = std::move(*opened);
    session = store::SessionTable(*database).create({0, "default", "{}", true, 0});
    configure();
    make();
    database->begin();
  }

  void make() {
    sender = std::make_unique<HandSender>();
    texts = std::make_unique<EventTexts>(*database, std::make_shared<Marks>());
    webhooks = std::make_unique<Webhooks>(loop, *sender, *database, *texts, random,
                                          Webhooks::Options{"", "pigeond/test"},
                                          [this](std::int64_t) { return &config; });
  }
  // One webhook for everything at `url`, with changes.
  void configure(const ChangeWebhook& change = {}, const std::string& url = kUrl) {
    config.webhooks = {webhook_at(url, change)};
  }
  // An event of that chat; its body is "chat:number".
  void add(const std::string& chat, int number) {
    add(message_in(chat), chat + ":" + std::to_string(number));
  }
  void add(engine::MessageEvent message, const std::string& body) {
    tell(*database, *webhooks, session, config, clock.wall, Topic::message_in, std::move(message), body);
  }
  void add_status(const std::string& body) {
    tell(*database, *webhooks, session, config, clock.wall, Topic::session_status, StatusChange{}, body);
  }

  // What the gateway does after each round of the loop.
  void tick() {
    loop.run_once(loop.now().mono);
    webhooks->collect();
    const Status committed = database->commit();
    database->begin();
    committed ? webhooks->committed() : webhooks->rolled_back();
  }
  void pass(Millis time) {
    clock.mono += time;
    clock.wall += time;
    tick();
    tick();
  }
  void roll_back() {
    database->rollback();
    webhooks->rolled_back();
    database->begin();
  }
  // Another process takes over: what this one kept in memory is gone.
  void restart() {
    webhooks.reset();
    database->rollback();
    make();
    webhooks->resume();
    database->begin();
    tick();
  }
  // With outcomes that are noted, but not committed.
  std::vector<DeliveryInfo> deliveries(const DeliveryFilter& filter) {
    webhooks->save_outcomes();
    return shown_deliveries(*database, webhooks->board(), session, filter);
  }
  std::vector<DeliveryInfo> log(std::optional<DeliveryState> state) {
    return deliveries({state, "", 0, 100000});
  }
  std::vector<WebhookHealth> health() {
    webhooks->save_outcomes();
    return shown_webhooks(*database, webhooks->board(), session, config);
  }
  WebhookTotals totals() {
    webhooks->save_outcomes();
    return shown_totals(*database, webhooks->board());
  }
  std::int64_t rows(const std::string& sql) {
    auto row = database->prepare(sql);
    return row.step() ? row.integer(0) : -1;
  }

  HandClock clock;
  SeededRandom random{1};
  net::Loop loop{clock};
  std::unique_ptr<store::Database> database;
  std::int64_t session = 0;
  SessionConfig config;
  std::unique_ptr<EventTexts> texts;
  std::unique_ptr<HandSender> sender;
  std::unique_ptr<Webhooks> webhooks;
};

}  // namespace pigeond::gateway
