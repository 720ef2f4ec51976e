// Pre-key bundles as nodes: the answers to a fetch, and the `keys` of retry receipts.
#pragma once

#include <optional>

#include "base/result.h"
#include "signal/session.h"
#include "wire/node.h"

namespace pigeond::engine {

// `user`: a <user> of a fetch's answer; its keys may sit in a <keys> child. malformed: a part is missing or
// has the wrong size; ack_error with the server's code: that device has no bundle.
Result<signal::PreKeyBundle> parse_bundle(const wire::Node& user);

// Where they stand: the node that has <identity>, and <device-identity> beside it.
const wire::Node& keys_of(const wire::Node& user);

// <keys> of a retry receipt; the registration id lies beside it.
Result<signal::PreKeyBundle> parse_retry_keys(const wire::Node& receipt);

// <keys> for a retry receipt of ours.
wire::Node retry_keys(const Key32& identity, const signal::PreKey& key,
                      const signal::SignedPreKey& signed_key, ByteView device_identity);

// 4 bytes, as <registration> carries them.
Bytes registration_bytes(std::uint32_t id);
std::optional<std::uint32_t> read_registration(const wire::Node& parent);

}  // namespace pigeond::engine
