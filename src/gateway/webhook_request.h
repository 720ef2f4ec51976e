// How a webhook is asked, and when it is asked again.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "gateway/types.h"
#include "net/http_response.h"
#include "store/webhooks.h"

namespace pigeond::gateway {

// For logs: the host alone, as a path or query may carry a secret of the receiver's.
std::string webhook_host(const std::string& url);

// The headers of one delivery: the caller's own, which win over User-Agent only, and WAHA's. A replay has the
// X-Webhook-Request-Id of the delivery that it repeats, so that a receiver can tell.
std::vector<net::HttpHeader> webhook_headers(const WebhookConfig& webhook,
                                             const store::WebhookDelivery& delivery,
                                             const std::string& user_agent);

// Wait before retry number `retry` (from 1), in ms. Exponential waits get up to 20 % on top.
Millis retry_delay(const RetryPolicy& policy, int retry, Random& random);

// What the receiver's Retry-After asks for (RFC 9110, 10.2.3), in ms from now, at most an hour; 0: nothing. A
// date is counted from the answer's own Date, where there is one: its clock need not be ours.
Millis retry_after(const net::HttpResponse& response, Instant now);

}  // namespace pigeond::gateway
