// Binary nodes: flag byte, then token-compressed lists, strings and JIDs.
// The layout is written out in codec_bytes.h; it is the one of whatsmeow's and Baileys' `binary` packages.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/node.h"

namespace pigeond::wire {

// Which tokens: the last byte of the stream header. Current clients use 3, and so does pigeond; Baileys
// before its version 7 used 2.
enum class Dictionary : std::uint8_t { v2 = 2, v3 = 3 };

// Flag byte 00 and the node. Never compresses. A node without tag is a bug.
Bytes encode(const Node& node, Dictionary dictionary = Dictionary::v3);

// Flag byte (bit 02: the rest is one zlib stream, inflated up to limits::kInflatedNode), then exactly one
// node. Errors: malformed, too_large. Accepts all JID forms, LIST_8/LIST_16, BINARY_8/20/32, packed nibbles
// and hex.
Result<Node> decode(ByteView bytes, Dictionary dictionary = Dictionary::v3);
// Tag and attributes alone, of what has a content that can't be read; nullopt: these can't be read either.
std::optional<Node> decode_head(ByteView bytes, Dictionary dictionary = Dictionary::v3);

}  // namespace pigeond::wire
