// Reporting token: a MAC over the parts of a message by which the service can check a user's later report of
// it. The rules are those of whatsmeow's and whatsapp-rust's reporting token code, version 2.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"

namespace pigeond::engine {

using ReportingToken = std::array<std::uint8_t, 16>;

// The fields of a serialised, unpadded Message that count, in ascending order; may be empty.
Bytes reporting_content(ByteView message);
// sender, remote: user JIDs without device, in the chat's addressing form (remote: the peer user or the
// group).
Key32 reporting_key(ByteView message_secret, const std::string& id, const std::string& sender,
                    const std::string& remote);
ReportingToken reporting_token(const Key32& key, ByteView content);

}  // namespace pigeond::engine
