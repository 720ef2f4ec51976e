// Calls whose kind of answer the gateway does not know: it carries them to their session and back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "engine/questions/question.h"
#include "gateway/reply.h"

namespace pigeond::gateway {

// An answer of whatever type; who asked knows it.
using Found = std::shared_ptr<const void>;

struct Asking {
  // Callers who ask under the same key while an answer is on its way share it; empty: each asks for himself.
  // The key tells the type of the answer as well.
  std::string once;
  // One of the two: of an account that is linked, or of one that is being linked.
  std::function<void(engine::Desk&, Reply<Found>)> question;
  std::function<void(engine::Pairing&, Reply<Found>)> pairing;
};

template <typename T, typename Room>
std::function<void(Room&, Reply<Found>)> asked_in(std::function<void(Room&, engine::Answered<T>)> question) {
  return [question = std::move(question)](Room& room, Reply<Found> reply) {
    question(room, [reply = std::move(reply)](Result<T> answer) {
      if (!answer) return reply(answer.error());
      reply(Found(std::make_shared<const T>(std::move(*answer))));
    });
  };
}

template <typename T>
Asking asking(std::string once, engine::Question<T> question) {
  return {std::move(once), asked_in<T, engine::Desk>(std::move(question)), nullptr};
}
template <typename T>
Asking asking_pairing(std::string once, engine::PairingQuestion<T> question) {
  return {std::move(once), nullptr, asked_in<T, engine::Pairing>(std::move(question))};
}

template <typename T>
Result<T> found(const Result<Found>& answer) {
  if (!answer) return answer.error();
  return *static_cast<const T*>(answer->get());
}

}  // namespace pigeond::gateway
