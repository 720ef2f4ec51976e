// Participant hash, version 2: a short hash over a set of devices, by which both sides notice a stale device
// list.
#pragma once

#include <string>
#include <vector>

#include "wire/jid.h"

namespace pigeond::engine {

// SHA-256 over the sorted "user.0:device@server" texts; "2:" and the standard base64 of its first 6 bytes.
std::string participant_hash(const std::vector<wire::Jid>& devices);

}  // namespace pigeond::engine
