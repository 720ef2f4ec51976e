#include "engine/messages/out/business_node.h"

namespace pigeond::engine {

std::optional<wire::Node> business_node(Business business) {
  if (business == Business::no) return std::nullopt;
  wire::Node biz("biz");
  if (business == Business::list) {
    wire::Node list("list");
    list.set("type", "product_list").set("v", "2");
    biz.add(std::move(list));
    return biz;
  }
  wire::Node interactive("interactive"), flow("native_flow");
  flow.set("v", "9").set("name", "mixed");
  interactive.set("type", "native_flow").set("v", "1");
  interactive.add(std::move(flow));
  biz.add(std::move(interactive));
  return biz;
}

}  // namespace pigeond::engine
