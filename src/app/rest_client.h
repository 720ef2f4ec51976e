// The daemon's REST API, as the command line uses it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/config.h"
#include "base/result.h"

namespace pigeond::app {

class RestClient {
 public:
  // `key_origin`: where the key comes from, for an error about it.
  RestClient(std::string base_url, std::string key, std::string key_origin)
      : base_url_(std::move(base_url)), key_(std::move(key)), key_origin_(std::move(key_origin)) {}

  const std::string& base_url() const { return base_url_; }

  // The JSON of a 2xx answer (null if it was empty). Otherwise an error with the status as its code and the
  // answer's message and hint; not_authorized names the key's origin; link_lost when nobody answers.
  Result<nlohmann::json> get(const std::string& path) const { return call("GET", path, {}); }
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body) const {
    return call("POST", path, body);
  }
  Result<nlohmann::json> remove(const std::string& path) const { return call("DELETE", path, {}); }

 private:
  Result<nlohmann::json> call(const std::string& method, const std::string& path,
                              const nlohmann::json& body) const;

  std::string base_url_;
  std::string key_;
  std::string key_origin_;
};

// The daemon that this configuration describes; its key comes from the file beside the store if it isn't
// configured; not_found says that neither is there.
Result<RestClient> rest_client(const Config& config);

}  // namespace pigeond::app
