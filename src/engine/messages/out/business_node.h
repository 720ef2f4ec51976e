// <biz>: without it the service or the recipient's phone drops what is meant to be tapped. There are several
// dialects of it; this one is zapo's, which agrees with what gateways that send lists today do:
//
//   <biz><list type="product_list" v="2"/></biz>
//   <biz><interactive type="native_flow" v="1"><native_flow v="9" name="mixed"/></interactive></biz>
#pragma once

#include <optional>

#include "engine/messages/kinds/content.h"
#include "wire/node.h"

namespace pigeond::engine {

std::optional<wire::Node> business_node(Business business);

}  // namespace pigeond::engine
