#include "engine/messages/about/saying.h"

namespace pigeond::engine {
namespace {

// Each part with its length before it.
void add(std::string& out, const std::string& part) {
  out += std::to_string(part.size()) + ':' + part;
}

void say(std::string& out, const Reaction& reaction) {
  add(out, reaction.emoji);
}
void say(std::string& out, const Edit& edit) {
  add(out, edit.text);
}
void say(std::string&, const Revoke&) {}
void say(std::string& out, const Vote& vote) {
  for (const auto& option : vote.options) add(out, option);
}
void say(std::string& out, const Pin& pin) {
  add(out, std::to_string(pin.seconds));
}
void say(std::string&, const Forward&) {}

}  // namespace

std::string fingerprint(const Remark& about) {
  std::string out;
  add(out, about.target.id);
  add(out, std::to_string(about.saying.index()));
  std::visit([&out](const auto& saying) { say(out, saying); }, about.saying);
  return out;
}

}  // namespace pigeond::engine
