// How a webhook is asked, what its answer means, and when it is asked again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "gateway/events/event.h"
#include "gateway/types.h"
#include "net/http/client/client.h"

namespace pigeond::gateway {

// What goes out: a delivery with its event in words.
struct WebhookItem {
  std::int64_t id = 0;
  std::int64_t origin = 0;  // the delivery that it repeats; 0: none
  std::string event_id;
  std::string body;       // JSON, exactly as it is signed and sent
  Millis created_ms = 0;  // wall, of the event
};

struct WebhookRequestOptions {
  std::string ca_file;     // for https targets; empty: the system's
  std::string user_agent;  // e.g. "pigeond/0.1.0"
};

// The request of one delivery, or of a batch: an array of their bodies in the order of `deliveries`, which
// are at least one. `tries` is what went before. Headers are the caller's own, which win over User-Agent and
// the URL's Authorization only, and those of `format` (nullptr: none).
//
// RequestMark::id is the same for each try. A replay has that of the delivery it repeats, so that a receiver
// can tell; a batch has one of its own, made of what it holds.
net::HttpClientRequest webhook_request(const WebhookConfig& webhook,
                                       const std::vector<WebhookItem>& deliveries, int tries,
                                       const WebhookRequestOptions& options, const EventFormat* format);

struct WebhookVerdict {
  enum class What { taken, again, given_up } what = What::taken;
  std::string why;    // for people: "status 503", "tls: ...: certificate has expired ..."
  Millis wait = 0;    // before the next try
  bool held = false;  // the receiver has named that time
};

// `failures` counts this one.
WebhookVerdict judge_webhook(const WebhookConfig& webhook, const Result<net::HttpResponse>& answer,
                             int failures, Instant now, Random& random);

// Wait before retry number `retry` (from 1), in ms. Exponential waits get up to 20 % on top, but none is
// longer than the policy's longest.
Millis retry_delay(const RetryPolicy& policy, int retry, Random& random);

// What the receiver's Retry-After asks for (RFC 9110, 10.2.3), in ms from now, at most an hour; 0: nothing. A
// date is counted from the answer's own Date, where there is one: its clock need not be ours.
Millis retry_after(const net::HttpResponse& response, Instant now);

}  // namespace pigeond::gateway
