#include "gateway/webhooks.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "gateway/session_config.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kTimeout = 30 * kSecond;
constexpr Millis kLongestDelay = kHour;

// The host alone: a path or query may carry a secret of the receiver's.
std::string host_of(const std::string& url) {
  const auto parsed = net::parse_url(url);
  return parsed ? parsed->authority() : std::string("?");
}

const WebhookConfig* find_webhook(const SessionConfig* config, const std::string& url) {
  if (config == nullptr) return nullptr;
  for (const auto& webhook : config->webhooks) {
    if (webhook.url == url) return &webhook;
  }
  return nullptr;
}

// Set here or by the client: a custom header of that name is left out.
bool is_reserved(const std::string& name) {
  constexpr std::string_view kReserved[] = {"content-type",      "content-length", "host",   "connection",
                                            "transfer-encoding", "expect",         "upgrade"};
  constexpr std::string_view kOwn = "x-webhook-";
  if (name.size() >= kOwn.size() && net::equal_ignoring_case(name.substr(0, kOwn.size()), kOwn)) return true;
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](std::string_view reserved) { return net::equal_ignoring_case(name, reserved); });
}

// Retry-After in its form of seconds (RFC 9110, 10.2.3), in ms.
Millis retry_after(const net::HttpResponse& response) {
  const auto value = net::find_header(response.headers, "Retry-After");
  const auto seconds = value ? parse_unsigned(trim(*value)) : std::nullopt;
  if (!seconds) return 0;
  return static_cast<Millis>(std::min<std::uint64_t>(*seconds, kLongestDelay / kSecond)) * kSecond;
}

}  // namespace

Millis retry_delay(const RetryPolicy& policy, int retry, Random& random) {
  double seconds = policy.delay_seconds;
  if (policy.kind == RetryPolicy::Kind::linear) seconds *= retry;
  if (policy.kind == RetryPolicy::Kind::exponential) {
    seconds *= std::pow(2.0, std::min(retry, 30));
    seconds *= 1.0 + static_cast<double>(random.below(1000)) / 5000.0;
  }
  const double ms = seconds * static_cast<double>(kSecond);
  return ms >= static_cast<double>(kLongestDelay) ? kLongestDelay : static_cast<Millis>(ms);
}

std::vector<net::HttpHeader> webhook_headers(const WebhookConfig& webhook,
                                             const store::WebhookDelivery& delivery,
                                             const std::string& user_agent) {
  std::vector<net::HttpHeader> headers;
  bool own_agent = true;
  for (const auto& [name, value] : webhook.headers) {
    if (is_reserved(name)) continue;
    if (net::equal_ignoring_case(name, "user-agent")) own_agent = false;
    headers.push_back({name, value});
  }
  if (own_agent) headers.push_back({"User-Agent", user_agent});
  headers.push_back({"Content-Type", "application/json"});
  headers.push_back({"X-Webhook-Request-Id", delivery.event_id + "-" + std::to_string(delivery.seq)});
  headers.push_back({"X-Webhook-Timestamp", std::to_string(delivery.created_ms)});
  if (!webhook.hmac_key.empty()) {
    const auto mac = crypto::hmac_sha512(as_bytes(webhook.hmac_key), as_bytes(delivery.body));
    headers.push_back({"X-Webhook-Hmac", hex_lower(mac)});
    headers.push_back({"X-Webhook-Hmac-Algorithm", "sha512"});
  }
  return headers;
}

Webhooks::Webhooks(net::Network& network, store::Database& database, Random& random, Options options,
                   ConfigOf config_of)
    : network_(network),
      database_(database),
      random_(random),
      options_(std::move(options)),
      config_of_(std::move(config_of)),
      client_(network) {}

void Webhooks::resume() {
  for (auto& size : store::webhook_queues(database_)) {
    queues_[{size.session, std::move(size.url)}].waiting = size.count;
  }
}

void Webhooks::add(std::int64_t session, const SessionConfig& config, const Event& event,
                   const std::function<std::string()>& body) {
  store::WebhookDelivery delivery;
  for (const auto& webhook : config.webhooks) {
    if (!subscribes(webhook, event.name)) continue;
    if (delivery.body.empty()) {
      delivery.session = session;
      delivery.event_id = event.id;
      delivery.created_ms = event.timestamp;
      delivery.body = body();
    }
    delivery.url = webhook.url;
    Queue& queue = queues_[{session, webhook.url}];
    if (queue.waiting + queue.added >= limits::kWebhookQueue) {
      queue.added -= store::drop_oldest_webhook_delivery(database_, session, webhook.url, queue.sending);
      if (!queue.overflowed) {
        log::warning("webhook queue full, dropping the oldest events",
                     {{"host", host_of(webhook.url)}, {"waiting", std::to_string(queue.waiting)}});
      }
      queue.overflowed = true;
    }
    store::add_webhook_delivery(database_, delivery);
    ++queue.added;
  }
}

void Webhooks::committed() {
  for (auto at = queues_.begin(); at != queues_.end();) {
    Queue& queue = at->second;
    queue.waiting += std::exchange(queue.added, 0);
    if (std::exchange(queue.finished, false)) queue.sending = 0;
    if (queue.sending == 0 && queue.waiting > 0) send_first(at->first, queue);
    const bool done = queue.sending == 0 && queue.waiting <= 0;
    at = done ? queues_.erase(at) : std::next(at);
  }
}

void Webhooks::rolled_back() {
  for (auto& [key, queue] : queues_) {
    queue.added = 0;
    // The row of a finished delivery is still there. It goes out once more, after a pause for the disk.
    if (std::exchange(queue.finished, false)) try_again(key, queue, RetryPolicy{}, 5 * kSecond);
  }
}

void Webhooks::forget(std::int64_t session) {
  for (auto at = queues_.lower_bound({session, std::string()});
       at != queues_.end() && at->first.first == session;) {
    if (at->second.request != 0) client_.cancel(at->second.request);
    if (at->second.retry != 0) network_.loop().cancel(at->second.retry);
    at = queues_.erase(at);
  }
}

void Webhooks::send_first(const Key& key, Queue& queue) {
  const auto delivery = store::first_webhook_delivery(database_, key.first, key.second);
  if (!delivery) {
    queue.waiting = 0;
    queue.sending = 0;
    return;
  }
  if (queue.sending != delivery->seq) queue.failures = 0;
  queue.sending = delivery->seq;
  const WebhookConfig* webhook = find_webhook(config_of_(key.first), key.second);
  if (webhook == nullptr) {
    // No longer configured. The rows go in the next tick: this one is committed already.
    network_.loop().post([this, key] {
      const auto found = queues_.find(key);
      if (found == queues_.end()) return;
      found->second.added -= store::clear_webhook_queue(database_, key.first, key.second);
      found->second.finished = true;
    });
    return;
  }
  net::HttpClientRequest request;
  request.method = "POST";
  request.url = key.second;
  request.headers = webhook_headers(*webhook, *delivery, options_.user_agent);
  request.body = delivery->body;
  request.timeout = kTimeout;
  if (!options_.ca_file.empty()) request.tls.ca_file = options_.ca_file;
  queue.request = client_.send(
      std::move(request),
      [this, key, seq = delivery->seq](Result<net::HttpResponse> answer) { answered(key, seq, answer); });
}

void Webhooks::answered(const Key& key, std::int64_t seq, const Result<net::HttpResponse>& answer) {
  const auto found = queues_.find(key);
  if (found == queues_.end() || found->second.sending != seq) return;
  Queue& queue = found->second;
  queue.request = 0;
  if (answer && answer->status >= 200 && answer->status <= 299) {
    finish(queue);
    return;
  }
  ++queue.failures;
  const std::string why =
      answer ? "status " + std::to_string(answer->status) : std::string(cause_name(answer.cause()));
  const WebhookConfig* webhook = find_webhook(config_of_(key.first), key.second);
  const RetryPolicy policy = webhook != nullptr ? webhook->retries : RetryPolicy{};
  if (queue.failures > policy.attempts) {
    log::error("webhook given up", {{"host", host_of(key.second)},
                                    {"why", why},
                                    {"tries", std::to_string(queue.failures)},
                                    {"row", std::to_string(seq)}});
    finish(queue);
    return;
  }
  log::warning("webhook failed",
               {{"host", host_of(key.second)}, {"why", why}, {"try", std::to_string(queue.failures)}});
  try_again(key, queue, policy, answer ? retry_after(*answer) : 0);
}

void Webhooks::finish(Queue& queue) {
  store::remove_webhook_delivery(database_, queue.sending);
  --queue.added;
  queue.finished = true;
  queue.overflowed = false;
}

void Webhooks::try_again(const Key& key, Queue& queue, const RetryPolicy& policy, Millis at_least) {
  const Millis delay = std::max(at_least, retry_delay(policy, std::max(queue.failures, 1), random_));
  queue.retry = network_.loop().after(delay, [this, key] {
    const auto again = queues_.find(key);
    if (again == queues_.end()) return;
    again->second.retry = 0;
    if (again->second.request == 0 && !again->second.finished) send_first(key, again->second);
  });
}

}  // namespace pigeond::gateway
