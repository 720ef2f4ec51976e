#include "net/http/connection/websocket.h"

#include "net/websocket/websocket_server.h"

namespace pigeond::net {

HttpAdmission admit_websocket(Network& network, const HttpRequest& request, std::size_t max_message,
                              std::function<void(std::unique_ptr<WebSocket>, const HttpRequest&)> connected) {
  HttpRequestHead head{request.method, request.path, {}};
  for (const auto& [name, value] : request.headers) head.headers.push_back({name, value});
  const auto response = websocket_response(head);
  if (!response) {
    HttpReply refusal;
    refusal.status = response.error().code;
    refusal.type = "text/plain";
    refusal.body = response.error().detail;
    if (refusal.status == 426) refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
    return HttpAnswer{std::move(refusal)};
  }
  return HttpTakeOver{
      [&network, max_message, text = *response, connected = std::move(connected)](HttpUpgrade upgrade) {
        (void)upgrade.stream->write(as_bytes(text));
        auto socket = open_websocket(network, std::move(upgrade.stream), max_message);
        WebSocket& open = *socket;
        const auto alive = open.life();
        connected(std::move(socket), upgrade.request);
        if (!alive.expired() && !upgrade.rest.empty()) open.take(upgrade.rest);
      }};
}

}  // namespace pigeond::net
