#include "wire/node.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::wire {
namespace {

std::string value_text(const Value& value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return jid->text();
  return std::get<std::string>(value);
}

// Values that tell where a stanza goes and what it is, and nothing of what people said.
bool is_loggable(const Attribute& attribute) {
  static constexpr std::string_view kNames[] = {"id",     "type",  "xmlns", "class", "code",
                                                "reason", "error", "count", "v"};
  if (std::holds_alternative<Jid>(attribute.value)) return true;
  for (auto name : kNames)
    if (attribute.name == name) return true;
  return false;
}

void put(Node& node, std::string name, Value value, bool empty) {
  const auto same = [&](const Attribute& attribute) { return attribute.name == name; };
  const auto old = std::find_if(node.attributes.begin(), node.attributes.end(), same);
  if (old == node.attributes.end()) {
    if (!empty) node.attributes.push_back({std::move(name), std::move(value)});
  } else if (empty) {
    node.attributes.erase(old);
  } else {
    old->value = std::move(value);
  }
}

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "&#" + std::to_string(static_cast<int>(c)) + ";";
        } else {
          out += c;
        }
    }
  }
}

void append_outline(std::string& out, const Node& node) {
  out += '<' + node.tag;
  for (const auto& attribute : node.attributes) {
    out += ' ';
    append_escaped(out, attribute.name);
    if (is_loggable(attribute)) {
      out += "=\"";
      append_escaped(out, value_text(attribute.value));
      out += '"';
    }
  }
  if (const auto& list = node.children(); !list.empty()) {
    out += '>';
    for (const auto& child : list) append_outline(out, child);
    out += "</" + node.tag + '>';
    return;
  }
  const std::size_t size = node.bytes().size();
  out += size == 0 ? "/>" : ">[" + std::to_string(size) + "]</" + node.tag + '>';
}

void append_xml(std::string& out, const Node& node) {
  out += '<' + node.tag;
  for (const auto& attribute : node.attributes) {
    out += ' ' + attribute.name + "=\"";
    append_escaped(out, value_text(attribute.value));
    out += '"';
  }
  if (std::holds_alternative<std::monostate>(node.content)) {
    out += "/>";
    return;
  }
  out += '>';
  for (const auto& child : node.children()) append_xml(out, child);
  if (const auto* bytes = std::get_if<Bytes>(&node.content)) {
    out += hex_lower(*bytes);
  } else {
    append_escaped(out, node.text());
  }
  out += "</" + node.tag + '>';
}

}  // namespace

bool Attribute::operator==(const Attribute& other) const {
  return name == other.name && value == other.value;
}

bool Node::operator==(const Node& other) const {
  return tag == other.tag && attributes == other.attributes && content == other.content;
}

const Value* Node::find(std::string_view name) const {
  for (const auto& attribute : attributes)
    if (attribute.name == name) return &attribute.value;
  return nullptr;
}

std::string Node::attr(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::string() : value_text(*value);
}

std::optional<Jid> Node::jid(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* jid = std::get_if<Jid>(value))
    return jid->empty() ? std::nullopt : std::optional<Jid>(*jid);
  return parse_jid(std::get<std::string>(*value));
}

std::optional<std::uint64_t> Node::number(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(value);
  return text == nullptr ? std::nullopt : parse_unsigned(*text);
}

const std::vector<Node>& Node::children() const {
  static const std::vector<Node> kNone;
  const auto* list = std::get_if<std::vector<Node>>(&content);
  return list == nullptr ? kNone : *list;
}

const Node* Node::child(std::string_view tag_name) const {
  for (const auto& node : children())
    if (node.tag == tag_name) return &node;
  return nullptr;
}

const Node* Node::path(std::initializer_list<std::string_view> tags) const {
  const Node* node = this;
  for (auto tag_name : tags) {
    node = node->child(tag_name);
    if (node == nullptr) return nullptr;
  }
  return node;
}

void Node::each(std::string_view tag_name, const std::function<void(const Node&)>& visit) const {
  for (const auto& node : children())
    if (node.tag == tag_name) visit(node);
}

Bytes Node::bytes() const {
  if (const auto* bytes = std::get_if<Bytes>(&content)) return *bytes;
  return to_bytes(text());
}

std::string Node::text() const {
  if (const auto* text = std::get_if<std::string>(&content)) return *text;
  if (const auto* bytes = std::get_if<Bytes>(&content)) return std::string(as_text(*bytes));
  if (const auto* jid = std::get_if<Jid>(&content)) return jid->text();
  return {};
}

Node& Node::set(std::string name, std::string value) {
  const bool empty = value.empty();
  put(*this, std::move(name), Value(std::move(value)), empty);
  return *this;
}

Node& Node::set(std::string name, Jid value) {
  const bool empty = value.empty();
  put(*this, std::move(name), Value(std::move(value)), empty);
  return *this;
}

Node& Node::add(Node child_node) {
  if (!std::holds_alternative<std::vector<Node>>(content)) content = std::vector<Node>();
  std::get<std::vector<Node>>(content).push_back(std::move(child_node));
  return *this;
}

Node& Node::body(Bytes bytes_content) {
  content = std::move(bytes_content);
  return *this;
}

std::string outline(const Node& node) {
  std::string out;
  append_outline(out, node);
  return out;
}

std::string to_xml(const Node& node) {
  std::string out;
  append_xml(out, node);
  return out;
}

}  // namespace pigeond::wire
