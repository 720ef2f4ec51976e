#include "app/rest_client.h"

#include <httplib.h>

#include "app/daemon.h"
#include "app/key_file.h"

namespace pigeond::app {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr int kConnectSeconds = 5;
constexpr int kAnswerSeconds = 60;

std::string hint_of(const nlohmann::json& body) {
  if (!body.is_object()) return {};
  const auto hint = body.find("hint");
  return hint != body.end() && hint->is_string() ? " (" + hint->get<std::string>() + ")" : std::string();
}

// What went wrong, in the server's words.
std::string message_of(const nlohmann::json& body, int status) {
  if (body.is_object()) {
    const auto message = body.find("message");
    if (message != body.end() && message->is_string()) return message->get<std::string>();
    if (message != body.end() && message->is_array() && !message->empty() && message->front().is_string())
      return message->front().get<std::string>();
    const auto error = body.find("error");
    if (error != body.end() && error->is_string()) return error->get<std::string>();
  }
  return "status " + std::to_string(status);
}

}  // namespace

Result<nlohmann::json> RestClient::call(const std::string& method, const std::string& path,
                                        const nlohmann::json& body) const {
  const bool unix_socket = base_url_.starts_with(kUnix);
  httplib::Client client(unix_socket ? base_url_.substr(kUnix.size()) : base_url_);
  if (unix_socket) client.set_address_family(AF_UNIX);
  client.set_connection_timeout(kConnectSeconds);
  client.set_read_timeout(kAnswerSeconds);
  client.set_tcp_nodelay(true);
  httplib::Headers headers = {{"X-Api-Key", key_}, {"Accept", "application/json"}};
  if (unix_socket) headers.emplace("Host", "localhost");  // else the socket's path
  const auto answer = method == "GET"      ? client.Get(path, headers)
                      : method == "DELETE" ? client.Delete(path, headers)
                                           : client.Post(path, headers, body.dump(), "application/json");
  if (!answer) {
    return fail(Cause::link_lost,
                base_url_ + ": no answer (" + httplib::to_string(answer.error()) + "); is pigeond running?");
  }
  auto json = nlohmann::json::parse(answer->body, nullptr, false);
  if (json.is_discarded()) json = nullptr;
  if (answer->status == 401) {
    return fail(Cause::not_authorized,
                base_url_ + " does not take the API key of " + key_origin_ +
                    ": is that the configuration of this gateway?",
                answer->status);
  }
  if (answer->status < 200 || answer->status > 299) {
    return fail(answer->status == 404 ? Cause::not_found : Cause::ack_error,
                message_of(json, answer->status) + hint_of(json), answer->status);
  }
  return json;
}

Result<RestClient> rest_client(const Config& config) {
  const auto url = config.api.tls_cert.empty() ? local_url(config.api.listen.front(), config.api.port)
                                               : std::string(kUnix) + api_socket_of(config);
  if (!config.api.key.empty()) return RestClient(url, config.api.key, "[api] key");
  const auto file = key_file_of(config.store.path);
  auto key = read_key_file(file);
  if (!key && key.cause() == Cause::not_found) {
    return fail(Cause::not_found, "no API key: [api] key is not set, and there is no " + file +
                                      ", which the gateway makes at its first start (pigeond run); another "
                                      "gateway's configuration is named by --config FILE");
  }
  if (!key) return key.error();
  return RestClient(url, *key, file);
}

}  // namespace pigeond::app
