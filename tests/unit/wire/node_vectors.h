// Nodes as the vector files write them.
#pragma once

#include <nlohmann/json.hpp>

#include "vectors.h"
#include "wire/node.h"

namespace pigeond::test {

inline wire::Jid vector_jid(const nlohmann::json& json) {
  const auto text = json.get<std::string>();
  const auto jid = wire::parse_jid(text);
  EXPECT_TRUE(jid.has_value()) << text;
  return jid.value_or(wire::Jid());
}

inline wire::Node vector_node(const nlohmann::json& json) {
  wire::Node node(json["tag"].get<std::string>());
  for (const auto& attribute : json["attrs"]) {
    const auto name = attribute[0].get<std::string>();
    if (attribute[1].is_string()) {
      node.attributes.push_back({name, attribute[1].get<std::string>()});
    } else {
      node.attributes.push_back({name, vector_jid(attribute[1]["jid"])});
    }
  }
  const auto& content = json["content"];
  if (content.contains("string")) node.content = content["string"].get<std::string>();
  if (content.contains("bytes")) node.content = hex(content["bytes"]);
  if (content.contains("jid")) node.content = vector_jid(content["jid"]);
  if (content.contains("children"))
    for (const auto& child : content["children"]) node.add(vector_node(child));
  return node;
}

// A text that no token and no packing covers travels as bytes, and comes back as bytes.
inline void texts_to_bytes(wire::Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.content)) node.content = to_bytes(*text);
  if (auto* list = std::get_if<std::vector<wire::Node>>(&node.content))
    for (auto& child : *list) texts_to_bytes(child);
}

}  // namespace pigeond::test
