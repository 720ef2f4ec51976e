// Pairing: the QR as a picture, as base64 JSON, or raw.
#include "api/json.h"
#include "api/qr_png.h"
#include "api/reply.h"
#include "api/waha/routes.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

constexpr Millis kQrWait = 10 * kSecond;  // a session that has just been started has no code yet
constexpr int kQrScale = 6;               // pixels a module

net::HttpReply show_qr(gateway::Gateway& gateway, const net::HttpRequest& request) {
  const auto& name = request.params.at("session");
  const auto format = request.parameter("format");
  if (!format.empty() && format != "image" && format != "raw")
    return error_reply(400, "format must be image or raw");
  auto qr = gateway.qr(name, kQrWait);
  if (!qr) return session_failure(gateway, name, qr.error(), "SCAN_QR_CODE");
  if (format == "raw") return json_reply(200, {{"value", qr->text}});
  auto png = qr_png(qr->text, kQrScale);
  if (!png) return failure_reply(png.error());
  if (request.header("accept") == "application/json")
    return json_reply(200, {{"mimetype", "image/png"}, {"data", base64(*png)}});
  return {200, "image/png", std::string(as_text(*png)), {}};
}

}  // namespace

void add_pairing_routes(net::HttpRouter& router, gateway::Gateway& gateway) {
  router.add("GET", "/api/{session}/auth/qr", [&](const net::HttpRequest& r) { return show_qr(gateway, r); });
}

}  // namespace pigeond::api::waha
