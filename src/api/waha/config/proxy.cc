#include "api/waha/config/proxy.h"

#include "api/waha/config/fields.h"

namespace pigeond::api::waha {
namespace {

Error at(const char* field, const Status& status) {
  return bad(std::string("config.proxy.") + field, status.error().detail);
}

Result<net::ProxyRef> read(const Json& json) {
  const std::string path = "config.proxy";
  if (!json.is_object()) return bad(path, "must be an object");
  PIGEOND_TRY(const std::string server, read_text(json, "server", path, false));
  PIGEOND_TRY(std::string username, read_text(json, "username", path, false));
  PIGEOND_TRY(std::string password, read_text(json, "password", path, false));
  PIGEOND_CHECK(check_keys(json, path, {"server", "username", "password"}));
  if (server.empty() && username.empty() && password.empty() && !json.empty()) return net::ProxyRef();
  if (server.empty()) return bad(path + ".server", "is required");
  auto proxy = net::parse_proxy(server);
  if (!proxy) return bad(path + ".server", proxy.error().detail);
  proxy->username = std::move(username);
  proxy->password = std::move(password);
  if (const Status fits = check_proxy_username(*proxy); !fits) return at("username", fits);
  if (const Status fits = check_proxy_password(*proxy); !fits) return at("password", fits);
  return net::ProxyRef(std::make_shared<const net::Proxy>(std::move(*proxy)));
}

}  // namespace

Result<net::ProxyRef> read_proxy(const Json& config, ConfigKeys keys) {
  const Json* json = find(config, "proxy");
  if (json == nullptr) return net::ProxyRef();
  auto proxy = read(*json);
  if (proxy || keys == ConfigKeys::known) return proxy;
  return unusable_proxy(proxy.error().detail);
}

net::ProxyRef unusable_proxy(std::string why) {
  net::Proxy unusable;
  unusable.trouble = std::move(why);
  return std::make_shared<const net::Proxy>(std::move(unusable));
}

}  // namespace pigeond::api::waha
