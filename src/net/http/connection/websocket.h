// WebSockets of the front door.
#pragma once

#include <functional>
#include <memory>

#include "net/http/admission.h"
#include "net/network.h"
#include "net/websocket/websocket_connection.h"

namespace pigeond::net {

// The admission of a request that asks for an upgrade: taken over as a WebSocket, which `connected` gets
// open, on the server's loop, and has to give callbacks before it returns; or answered with 400 or 426.
// `max_message` (bytes) as for WebSocket::set_max_message().
HttpAdmission admit_websocket(Network& network, const HttpRequest& request, std::size_t max_message,
                              std::function<void(std::unique_ptr<WebSocket>, const HttpRequest&)> connected);

}  // namespace pigeond::net
