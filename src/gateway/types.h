// What the surfaces (API, command line) ask of the gateway and get back. Plain values, no protocol.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/jid.h"

namespace pigeond::gateway {

struct RetryPolicy {
  enum class Kind { constant, linear, exponential } kind = Kind::constant;
  double delay_seconds = 2;
  int attempts = 15;
};

struct WebhookConfig {
  std::string url;                  // http or https
  std::vector<std::string> events;  // names of WAHA's list, or "*"
  std::string hmac_key;             // empty: no signature
  RetryPolicy retries;
  std::vector<std::pair<std::string, std::string>> headers;
};

// `raw` is the caller's JSON object, kept and given back as it came; the rest is what the gateway reads from
// it.
struct SessionConfig {
  std::string raw = "{}";
  std::map<std::string, std::string> metadata;
  std::vector<WebhookConfig> webhooks;
  bool ignore_status = false, ignore_groups = false, ignore_channels = false, ignore_broadcast = false;
};

enum class SessionStatus { stopped, starting, scan_qr_code, working, failed };
std::string_view status_name(
    SessionStatus status);  // "STOPPED", "STARTING", "SCAN_QR_CODE", "WORKING", "FAILED"

struct Me {
  wire::Jid pn, lid;  // with device
  std::string push_name;
};

struct SessionInfo {
  std::string name;
  SessionStatus status = SessionStatus::stopped;
  std::optional<Error> cause;  // why it is FAILED, or reconnecting
  SessionConfig config;
  std::optional<Me> me;
  Millis activity = 0;  // wall ms of the last stanza; 0: none yet
};

struct Qr {
  std::string text;
  Millis expires_in = 0;  // ms
};

struct TextRequest {
  std::string session;
  wire::Jid to;
  std::string id;  // caller's choice, or empty
  std::string text;
  std::string reply_to;  // bare message id, or empty
  std::vector<wire::Jid> mentions;
};

struct SentMessage {
  std::string id;
  wire::Jid chat;               // user JID, PN form when known
  wire::Jid chat_pn, chat_lid;  // both forms, where known
  Me me;
  std::int64_t timestamp = 0;  // unix seconds
  int ack = 1;
  std::string text;
};

struct NumberStatus {
  bool exists = false;
  wire::Jid pn, lid;
};

}  // namespace pigeond::gateway
