// What the end of a stream asks of us: every <stream:error> and every <failure> becomes one action.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/node.h"

namespace pigeond::engine {

enum class EndAction {
  reconnect_now,    // 515: after pairing, or when the server asks for it
  reconnect,        // with the growing delays of Backoff
  stop,             // credentials kept; a person has to do something
  give_way,         // another connection took this one's place; credentials kept, tried again much later
  stop_until,       // a temporary ban: as stop, but by itself again after StreamEnd::wait_seconds
  erase,            // the account removed this device: its data goes, a new link is needed
  refresh_version,  // the server refuses our client version: at once with a newer one, else after a pause
};
std::string_view end_action_name(EndAction action);

struct StreamEnd {
  EndAction action = EndAction::reconnect;
  Error error;                    // cause, the server's text, the server's code
  std::int64_t wait_seconds = 0;  // of stop_until
  int penalty = 0;                // failures to count on top, for a server that is being asked too often
  std::string owed_class = {},
              owed_id = {};  // the stanza over whose missing answer the stream ended; or empty
};

// <stream:error>: <conflict> first, then the code, then the other children.
// A bare 401 is not taken for a logout (whatsmeow doesn't either), nor is a conflict of a kind that nobody
// knows: the login that follows says so with <failure>, if it is one.
StreamEnd classify_stream_error(const wire::Node& node);

// <failure reason=N>, the answer to a login that is refused. The account's data goes only if the device was
// removed (401): an account that is locked or banned may come back. What else the service says of it (where,
// why, where one may appeal) is in the error's detail.
StreamEnd classify_failure(const wire::Node& node);

}  // namespace pigeond::engine
