// What is told of each part of a Message: the whole list, so that nothing is an empty text by accident.
// Numbers and names are those of whatsmeow's waE2E.proto.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace pigeond::engine {

enum class Told {
  message,    // a message, which its kind shows (kind.h)
  inside,     // a wrapper: what is told is what stands in it
  otherwise,  // of another message: an event of its own, so far as there is one
  nothing,    // between clients, or told in another way; the comment says what
  raw,        // a person may see something, and nobody here can show it: as it came
};

struct Part {
  std::uint32_t number;
  const char* name;
  Told told;
};
std::span<const Part> all_parts();
const Part* part_numbered(std::uint32_t number);  // nullptr: unknown

// The part of a serialised Message, wrappers taken off, that is to be told as it came: the first one that is
// `raw` or unknown, where no other is a message. Its name, or "part 200"; empty: there is none.
std::string raw_part_of(ByteView message);

}  // namespace pigeond::engine
