// <ib>: what the server tells about the stream itself.
#pragma once

#include "engine/context.h"
#include "engine/link/backlog.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

// edge_routing is stored, to be replayed before the next handshake; dirty bits are cleaned; the bounds of
// what waited are the backlog's; the day on which `announced` expires is told; the rest is ignored.
void handle_ib(Context& context, Stanzas& stanzas, Backlog& backlog, const ClientVersion& announced,
               const wire::Node& ib);

}  // namespace pigeond::engine
