// How a call on the loop thread is answered: once, after the commit.
#pragma once

#include <functional>

#include "base/result.h"

namespace pigeond::gateway {

template <typename T>
using Reply = std::function<void(Result<T>)>;

}  // namespace pigeond::gateway
