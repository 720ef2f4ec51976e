#include "engine/context.h"

#include <utility>

namespace pigeond::engine {

// Here, so that not every file that emits something makes a vector's growth of all kinds of effects anew.
void Context::emit(Effect effect) {
  effects.push_back(std::move(effect));
}

}  // namespace pigeond::engine
