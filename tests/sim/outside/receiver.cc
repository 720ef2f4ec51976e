#include "outside/receiver.h"

#include <utility>

#include "base/text.h"

namespace pigeond::sim {
namespace {

constexpr std::uint64_t kRefused = 6;      // one in so many is not taken
constexpr std::uint64_t kUnanswered = 12;  // one in so many is taken, and nobody hears of it
constexpr Millis kOneWay = 100;            // at most

// "<event>-<delivery>"
std::int64_t delivery_of(const net::HttpClientRequest& request) {
  for (const auto& header : request.headers)
    if (header.name == "Request-Id")
      return static_cast<std::int64_t>(
          parse_unsigned(header.value.substr(header.value.rfind('-') + 1)).value_or(0));
  return 0;
}

}  // namespace

net::HttpSender::Id Receiver::send(const net::HttpClientRequest& request, Callback callback) {
  const Id id = next_++;
  const std::string session = request.url.substr(url_of("").size());
  const Delivery delivery{life_, delivery_of(request), request.body};
  if (!outlet_.leaves(session + " posts " + std::to_string(delivery.id) + ", '" + request.body + "'"))
    return id;
  calls_[id] = std::move(callback);
  const auto there = static_cast<Millis>(random_.below(kOneWay)),
             back = static_cast<Millis>(random_.below(kOneWay));
  const bool takes = random_.below(kRefused) != 0, answers = random_.below(kUnanswered) != 0;
  timeline_.after(there, [this, id, takes, answers, back, session, delivery] {
    const bool taken = takes && !down_;
    if (taken) ledger_.webhooks[session].push_back(delivery);
    timeline_.after(back, [this, id, taken, answers] {
      if (!answers) return answer(id, fail(Cause::link_lost, "closed without an answer"));
      net::HttpResponse response;
      response.status = taken ? 200 : 503;
      answer(id, std::move(response));
    });
  });
  return id;
}

void Receiver::answer(Id id, Result<net::HttpResponse> answer) {
  if (!calls_.contains(id)) return;
  outlet_.post([this, id, answer = std::move(answer)] {
    auto call = calls_.extract(id);
    if (!call.empty()) call.mapped()(answer);
  });
}

}  // namespace pigeond::sim
