// The field `config` of a session: how WAHA's callers configure it.
#pragma once

#include "api/schema/codec.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

// A codec (api/schema/codec.h). What the gateway doesn't know is kept and given back, and otherwise ignored.
struct SessionConfigField {
  static constexpr schema::Shape kShape = schema::Shape::object;
  Status read(const Json& json, const schema::Rules& rules, const schema::Path& path,
              gateway::SessionConfig& out) const;
  Json schema(const schema::Rules& rules, schema::Components& components) const;
  Json show(const gateway::SessionConfig& config) const;
};

}  // namespace pigeond::api::waha
