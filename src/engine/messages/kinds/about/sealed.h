// Which part of a message is encrypted with the secret of the one that it is about.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wire/proto.h"

namespace pigeond::engine {

struct SealedPart {
  std::vector<std::string_view> uses;  // one of them: see addon.h
  const Bytes* payload = nullptr;
  const Bytes* iv = nullptr;
};

// Points into `message`, which has no wrappers; nullopt: nothing of it is.
std::optional<SealedPart> sealed_part(const wa_Message& message);

}  // namespace pigeond::engine
