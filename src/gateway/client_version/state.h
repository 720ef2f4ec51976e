// How the version of the web client stands that all sessions announce.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/client_release.h"

namespace pigeond::gateway {

struct ClientVersionState {
  enum class Source { built_in, learnt, configured };

  engine::ClientVersion version;
  Source source = Source::built_in;
  Millis looked = 0;         // wall, when its site told its version last; 0: never
  std::string look_trouble;  // why it did not, the last time; "": it did, or was not asked
  std::int64_t expires = 0;  // unix seconds, from which the service will refuse `version`; 0: it did not say
  std::string warning;       // what somebody should know before it is refused; "": nothing
};

// `judged`: by its age as well.
std::string warning_of(const ClientVersionState& state, bool judged, Millis wall);

std::string_view source_name(ClientVersionState::Source source);  // "built-in", "learnt", "configured"

}  // namespace pigeond::gateway
