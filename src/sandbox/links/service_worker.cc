#include "sandbox/links/service_worker.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kModules = 4000;  // some 200 KB before the number

}  // namespace

std::string service_worker(std::uint32_t revision) {
  std::string script = "/*FB_PKG_DELIM*/\n\"use strict\";\n";
  for (std::size_t module = 0; module < kModules; ++module)
    script += "__d(\"WAWebModule" + std::to_string(module) + "\",[],(function(){}),66);\n";
  script += R"(self.__swData=JSON.parse("{\"dynamic_data\":{\"SiteData\":{\"server_revision\":)";
  script += std::to_string(revision) + R"(,\"push_phase\":\"C3\")";
  if (revision != 0) script += R"(,\"client_revision\":)" + std::to_string(revision);
  script += R"(,\"hsi\":\"7540000000000000000\"}}}");)";
  return script + "\n";
}

bool is_browser(const std::string& site, const std::string& agent) {
  return site == "none" && agent.find("Chrome/") != std::string::npos;
}

}  // namespace pigeond::sandbox
