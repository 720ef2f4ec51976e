// Our cryptography as libsignal-protocol-c wants it. Internal to src/signal.
#pragma once

#include <signal_protocol.h>

#include "base/random.h"

namespace pigeond::signal {

// `random` is looked at each time random bytes are needed; it must outlive the provider.
signal_crypto_provider make_provider(Random** random);

}  // namespace pigeond::signal
