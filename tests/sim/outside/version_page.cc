#include "outside/version_page.h"

#include <utility>

#include "sandbox/links/service_worker.h"

namespace pigeond::sim {
namespace {

constexpr std::uint64_t kLongest = 3000;  // ms to an answer
constexpr std::uint64_t kUp = 3;          // one in so many is answered in bad days

}  // namespace

net::HttpSender::Id VersionPage::send(const net::HttpClientRequest& request, Callback callback) {
  const Id id = next_++;
  if (!outlet_.leaves("asks " + request.url)) return id;
  calls_[id] = std::move(callback);
  const bool answers = random_.below(kUp) == 0;
  timeline_.after(static_cast<Millis>(random_.below(kLongest)), [this, id, answers] {
    if (!calls_.contains(id)) return;
    Result<net::HttpResponse> answer = fail(Cause::no_ack, "no answer");
    if (answers || !down_) {
      answer = net::HttpResponse();
      answer->status = 200;
      answer->body = sandbox::service_worker(policy_.clients.current);
    }
    outlet_.post([this, id, answer = std::move(answer)] {
      auto call = calls_.extract(id);
      if (!call.empty()) call.mapped()(answer);
    });
  });
  return id;
}

}  // namespace pigeond::sim
