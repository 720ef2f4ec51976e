// A stanza as a tree: tag, attributes, and content. wire/codec.h turns it into bytes and back.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "wire/jid.h"

namespace pigeond::wire {

struct Node;

// A JID-typed attribute is encoded in JID form; a text with '@' in it is not (and a strict server refuses
// that).
using Value = std::variant<std::string, Jid>;

struct Attribute {
  std::string name;
  Value value;

  bool operator==(const Attribute& other) const;
};

// bytes is what a sender marked as binary; text may have come as a token or packed digits.
using Content = std::variant<std::monostate, std::vector<Node>, Bytes, std::string, Jid>;

struct Node {
  std::string tag;
  std::vector<Attribute> attributes;  // in wire order; names are unique
  Content content;

  Node() = default;
  explicit Node(std::string tag_name) : tag(std::move(tag_name)) {}
  Node(std::string tag_name, std::vector<Attribute> attrs, Content body = {})
      : tag(std::move(tag_name)), attributes(std::move(attrs)), content(std::move(body)) {}

  bool operator==(const Node& other) const;  // attributes in the same order

  // --- reading. Absent and empty are the same to all of these. ---
  const Value* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string attr(std::string_view name) const;        // as text, JIDs in text form; "" if absent
  std::optional<Jid> jid(std::string_view name) const;  // JID-typed, or text that parses as one
  std::optional<std::uint64_t> number(std::string_view name) const;  // decimal
  bool is(std::string_view name, std::string_view value) const { return attr(name) == value; }

  const std::vector<Node>& children() const;           // empty list if the content is none
  const Node* child(std::string_view tag_name) const;  // the first one of that tag
  const Node* path(std::initializer_list<std::string_view> tags) const;
  void each(std::string_view tag_name, const std::function<void(const Node&)>& visit) const;
  // Content as bytes: bytes as they are, text as UTF-8; empty if there are children or nothing.
  Bytes bytes() const;
  std::string text() const;

  // --- building. An empty value is left out, as all clients do. ---
  Node& set(std::string name, std::string value);
  Node& set(std::string name, const char* value) { return set(std::move(name), std::string(value)); }
  Node& set(std::string name, Jid value);
  Node& set(std::string name, std::uint64_t value) { return set(std::move(name), std::to_string(value)); }
  Node& add(Node child_node);  // makes the content a list if it is none
  Node& body(Bytes bytes_content);
  Node& body(ByteView bytes_content) { return body(to_bytes(bytes_content)); }
};

// For logs and traces: tags, attribute names, ids and JIDs, and the sizes of contents; never the contents.
std::string outline(const Node& node);
// <tag a="1"><child/>…</tag> with byte contents in hex: for the sandbox's trace and for tests, not for logs.
std::string to_xml(const Node& node);

}  // namespace pigeond::wire
