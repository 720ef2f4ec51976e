// How an operation of the gateway asks WhatsApp something: a function of one account's desk, which is called
// in the account's turn while it is linked, and gives its answer once: at once, or when the service has
// answered. What it changes is part of the unit of work in which it is called, or in which the answer comes.
// Each question is a file here; between it and the API nothing knows it.
#pragma once

#include <functional>

#include "base/result.h"

namespace pigeond::engine {

struct Desk;    // engine/messages/desk.h
class Pairing;  // engine/pairing/pairing.h

// ack_error (the service's error, with its number), link_lost, timed_out, malformed, and what the question
// says.
template <typename T>
using Answered = std::function<void(Result<T>)>;

template <typename T>
using Question = std::function<void(Desk&, Answered<T>)>;
// The same of an account that is only being linked.
template <typename T>
using PairingQuestion = std::function<void(Pairing&, Answered<T>)>;

}  // namespace pigeond::engine
