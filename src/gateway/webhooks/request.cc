#include "gateway/webhooks/request.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "gateway/webhooks/target.h"
#include "net/address.h"
#include "net/http/date.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kLongestRetryAfter = kHour;

// Set here or by the client: a custom header of that name is left out.
bool is_reserved(const std::string& name) {
  constexpr std::string_view kReserved[] = {"content-type",      "content-length", "host",   "connection",
                                            "transfer-encoding", "expect",         "upgrade"};
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](std::string_view reserved) { return net::equal_ignoring_case(name, reserved); });
}

bool names_an_address(const std::string& url) {
  const auto target = webhook_target(url);
  const auto parsed = net::parse_url(target ? target->url : url);
  return parsed && net::parse_ip(parsed->host, parsed->port).has_value();
}

std::string request_id(const WebhookItem& delivery) {
  return delivery.event_id + "-" + std::to_string(delivery.origin != 0 ? delivery.origin : delivery.id);
}

// Other events, another name: what a batch holds may differ after a restart.
std::string batch_id(const std::vector<WebhookItem>& deliveries) {
  std::string all;
  for (const auto& delivery : deliveries) all += request_id(delivery) + "\n";
  const auto digest = crypto::sha256(as_bytes(all));
  return "batch_" + hex_lower(ByteView(digest).first(16)) + "-" + std::to_string(deliveries.front().id);
}

std::string array_of(const std::vector<WebhookItem>& deliveries) {
  std::string out = "[";
  for (const auto& delivery : deliveries) {
    if (out.size() > 1) out += ',';
    out += delivery.body;
  }
  return out + "]";
}

// Cut where a character ends.
std::string in_words(const Error& error) {
  std::string text(cause_name(error.cause));
  if (!error.detail.empty()) text += ": " + error.detail;
  if (text.size() <= limits::kWebhookReason) return text;
  std::size_t size = limits::kWebhookReason;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

net::HttpClientRequest webhook_request(const WebhookConfig& webhook,
                                       const std::vector<WebhookItem>& deliveries, int tries,
                                       const WebhookRequestOptions& options, const EventFormat* format) {
  net::HttpClientRequest request;
  const auto target = webhook_target(webhook.url);
  request.url = target ? target->url : webhook.url;
  request.timeout = webhook.timeout;
  request.keep_alive = true;
  request.status_only = true;
  if (!options.ca_file.empty()) request.tls.ca_file = options.ca_file;
  request.body = webhook.batch > 0 ? array_of(deliveries) : deliveries.front().body;

  bool own_agent = true, own_authorization = true;
  for (const auto& [name, value] : webhook.headers) {
    if (is_reserved(name) || (format != nullptr && format->is_own_header(name))) continue;
    if (net::equal_ignoring_case(name, "User-Agent")) own_agent = false;
    if (net::equal_ignoring_case(name, "Authorization")) own_authorization = false;
    request.headers.push_back({name, value});
  }
  const auto add = [&](const char* name, std::string value) {
    request.headers.push_back({name, std::move(value)});
  };
  if (own_agent) add("User-Agent", options.user_agent);
  if (own_authorization && target && !target->authorization.empty())
    add("Authorization", target->authorization);
  add("Content-Type", "application/json");
  if (format == nullptr) return request;
  RequestMark mark{webhook.batch > 0 ? batch_id(deliveries) : request_id(deliveries.front()),
                   deliveries.front().created_ms,
                   tries + 1,
                   {}};
  if (!webhook.hmac_key.empty())
    mark.hmac = hex_lower(crypto::hmac_sha512(as_bytes(webhook.hmac_key), as_bytes(request.body)));
  for (auto& [name, value] : format->headers(mark)) request.headers.push_back({name, std::move(value)});
  return request;
}

WebhookVerdict judge_webhook(const WebhookConfig& webhook, const Result<net::HttpResponse>& answer,
                             int failures, Instant now, Random& random) {
  using What = WebhookVerdict::What;
  WebhookVerdict verdict;
  verdict.why = answer ? "status " + std::to_string(answer->status) : in_words(answer.error());
  if (answer && answer->status >= 200 && answer->status <= 299) return verdict;
  // Where nothing may go no later try gets; but a name may stand for another address soon.
  const bool denied = !answer && answer.cause() == Cause::network_denied && names_an_address(webhook.url);
  verdict.what = denied || failures > webhook.retries.attempts ? What::given_up : What::again;
  verdict.wait = retry_delay(webhook.retries, failures, random);
  // It may still be at work on what it was sent: the next try does not follow on its heels.
  if (!answer && answer.cause() == Cause::no_ack) {
    const RetryPolicy patience{RetryPolicy::Kind::exponential, static_cast<double>(webhook.timeout) / 2000, 0,
                               webhook.retries.longest};
    verdict.wait = std::max(verdict.wait, retry_delay(patience, failures, random));
  }
  if (const Millis asked = answer ? retry_after(*answer, now) : 0; asked > verdict.wait) {
    verdict.wait = asked;
    verdict.held = true;
  }
  return verdict;
}

Millis retry_delay(const RetryPolicy& policy, int retry, Random& random) {
  double seconds = policy.delay_seconds;
  if (policy.kind == RetryPolicy::Kind::linear) seconds *= retry;
  if (policy.kind == RetryPolicy::Kind::exponential) {
    seconds *= std::pow(2.0, std::min(retry, 30));
    seconds *= 1.0 + static_cast<double>(random.below(1000)) / 5000.0;
  }
  const double ms = seconds * static_cast<double>(kSecond);
  return ms >= static_cast<double>(policy.longest) ? policy.longest : static_cast<Millis>(ms);
}

Millis retry_after(const net::HttpResponse& response, Instant now) {
  const auto value = net::find_header(response.headers, "Retry-After");
  if (!value) return 0;
  constexpr std::uint64_t kLongest = kLongestRetryAfter / kSecond;
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
