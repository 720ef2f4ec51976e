// Any bytes: a node or an error, and its head where that can be read. What decodes encodes again, and then
// nothing changes any more.
#include <cstdlib>

#include "wire/codec.h"

namespace {

// A text that packing can't hold travels as bytes, and comes back as such.
void texts_to_bytes(pigeond::wire::Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.content)) node.content = pigeond::to_bytes(*text);
  if (auto* list = std::get_if<std::vector<pigeond::wire::Node>>(&node.content))
    for (auto& child : *list) texts_to_bytes(child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto first = pigeond::wire::decode({data, size});
  const auto head = pigeond::wire::decode_head({data, size});
  if (head && head->tag.empty()) std::abort();
  if (!first) return 0;
  if (!head || head->tag != first->tag || !(head->attributes == first->attributes)) std::abort();
  const auto bytes = pigeond::wire::encode(*first);
  auto second = pigeond::wire::decode(bytes);
  if (!second) std::abort();
  if (pigeond::wire::encode(*second) != bytes) std::abort();
  texts_to_bytes(*first);
  texts_to_bytes(*second);
  if (!(*first == *second)) std::abort();
  if (pigeond::wire::outline(*first).empty() || pigeond::wire::to_xml(*first).empty()) std::abort();
  return 0;
}
