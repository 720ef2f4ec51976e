#include "net/http/tally.h"

namespace pigeond::net {

HttpCounters HttpTally::read() const {
  const auto of = [](const Count& count) { return count.load(std::memory_order_relaxed); };
  HttpCounters counters;
  counters.connections = of(connections);
  const auto working = of(busy);
  counters.idle = counters.connections > working ? counters.connections - working : 0;
  counters.accepted = of(accepted);
  counters.refused = of(refused);
  counters.evicted = of(evicted);
  counters.timeouts = of(timeouts);
  counters.requests = of(requests);
  counters.malformed = of(malformed);
  counters.client_errors = of(client_errors);
  counters.server_errors = of(server_errors);
  counters.overloads = of(overloads);
  counters.bytes_read = of(bytes_read);
  counters.body_bytes = of(body_bytes);
  return counters;
}

}  // namespace pigeond::net
