#include "gateway/webhook_request.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/address.h"
#include "net/http_date.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kLongestDelay = kHour;

// Set here or by the client: a custom header of that name is left out.
bool is_reserved(const std::string& name) {
  constexpr std::string_view kReserved[] = {"content-type",      "content-length", "host",   "connection",
                                            "transfer-encoding", "expect",         "upgrade"};
  constexpr std::string_view kOwn = "x-webhook-";
  if (name.size() >= kOwn.size() && net::equal_ignoring_case(name.substr(0, kOwn.size()), kOwn)) return true;
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](std::string_view reserved) { return net::equal_ignoring_case(name, reserved); });
}

}  // namespace

std::string webhook_host(const std::string& url) {
  const auto parsed = net::parse_url(url);
  return parsed ? parsed->authority() : std::string("?");
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
  const std::int64_t original = delivery.origin != 0 ? delivery.origin : delivery.id;
  headers.push_back({"Content-Type", "application/json"});
  headers.push_back({"X-Webhook-Request-Id", delivery.event_id + "-" + std::to_string(original)});
  headers.push_back({"X-Webhook-Timestamp", std::to_string(delivery.created_ms)});
  if (!webhook.hmac_key.empty()) {
    const auto mac = crypto::hmac_sha512(as_bytes(webhook.hmac_key), as_bytes(delivery.body));
    headers.push_back({"X-Webhook-Hmac", hex_lower(mac)});
    headers.push_back({"X-Webhook-Hmac-Algorithm", "sha512"});
  }
  return headers;
}

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

Millis retry_after(const net::HttpResponse& response, Instant now) {
  const auto value = net::find_header(response.headers, "Retry-After");
  if (!value) return 0;
  constexpr std::uint64_t kLongest = kLongestDelay / kSecond;
  if (const auto seconds = parse_unsigned(trim(*value)))
    return static_cast<Millis>(std::min(*seconds, kLongest)) * kSecond;
  const auto until = net::parse_http_date(*value, now.unix_seconds());
  if (!until) return 0;
  const auto date = net::find_header(response.headers, "Date");
  const auto there = date ? net::parse_http_date(*date, now.unix_seconds()) : std::nullopt;
  const std::int64_t wait = *until - there.value_or(now.unix_seconds());
  return std::clamp<std::int64_t>(wait, 0, kLongest) * kSecond;
}

}  // namespace pigeond::gateway
