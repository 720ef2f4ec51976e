#include "engine/messages/trust/token_rules.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::engine {
namespace {

// The settings' numbers, as Baileys and whatsapp-rust name them.
constexpr std::string_view kReceivedBucket = "865", kReceivedBuckets = "909";
constexpr std::string_view kIssuedBucket = "996", kIssuedBuckets = "997";
constexpr std::string_view kMigrated = "9435";      // lid_one_on_one_migration_enabled
constexpr std::uint64_t kLongestBucket = 15552000;  // seconds: the web client's bound
constexpr std::uint64_t kMostBuckets = 1000;

}  // namespace

bool says_migrated(const wire::Node& props) {
  bool migrated = false;
  props.each("prop", [&migrated](const wire::Node& prop) {
    const bool on = prop.is("config_value", "1") || prop.is("config_value", "true");
    migrated = migrated || (prop.is("config_code", kMigrated) && on);
  });
  return migrated;
}

TokenRules read_token_rules(const wire::Node& props) {
  TokenRules rules;
  props.each("prop", [&rules](const wire::Node& prop) {
    const auto value = parse_unsigned(prop.attr("config_value"));
    if (!value || *value == 0) return;
    const auto seconds = static_cast<std::int64_t>(std::min(*value, kLongestBucket));
    const auto count = static_cast<std::int64_t>(std::min(*value, kMostBuckets));
    if (prop.is("config_code", kReceivedBucket)) rules.received.bucket = seconds;
    if (prop.is("config_code", kReceivedBuckets)) rules.received.buckets = count;
    if (prop.is("config_code", kIssuedBucket)) rules.issued.bucket = seconds;
    if (prop.is("config_code", kIssuedBuckets)) rules.issued.buckets = count;
  });
  return rules;
}

Bytes make_cs_token(ByteView salt, const wire::Jid& recipient_lid) {
  const Key32 token = crypto::hmac_sha256(salt, as_bytes(recipient_lid.without_device().text()));
  return to_bytes(ByteView(token));
}

}  // namespace pigeond::engine
