#include "engine/client_release.h"

namespace pigeond::engine {
namespace {

constexpr std::int64_t kRevisionsADay = 65'000;

}  // namespace

std::string ClientVersion::text() const {
  return std::to_string(primary) + "." + std::to_string(secondary) + "." + std::to_string(revision);
}

Millis ClientVersion::appeared() const {
  const std::int64_t newer = std::int64_t{revision} - std::int64_t{kBuiltInVersion.revision};
  return kBuiltInAppeared + newer * (kDay / kRevisionsADay);
}

}  // namespace pigeond::engine
