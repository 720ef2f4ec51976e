// What the generated messages are made of, and the one function that codes their C++ fields (wire/proto.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
