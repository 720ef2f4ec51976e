// Pairing: the QR as a picture, as base64 JSON, or raw; a code to be typed instead.
#include "engine/pairing/pairing.h"
#include "api/json.h"
#include "api/qr_png.h"
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

constexpr Millis kQrWait = 10 * kSecond;  // a session that has just been started has no code yet
constexpr int kQrScale = 6;               // pixels a module

enum class QrFormat { image, raw };
constexpr std::pair<std::string_view, QrFormat> kFormats[] = {{"image", QrFormat::image},
                                                              {"raw", QrFormat::raw}};

struct GetQr {
  std::string session = "default";
  QrFormat format = QrFormat::image;
  static constexpr const char* kName = "GetQr";
  static void describe(schema::Input<GetQr>& is) {
    is.session(&GetQr::session, kSession);
    is("format", &GetQr::format, kFormats).help("raw: the text of the code.");
  }
};

struct Value {
  using Of = std::string;
  static constexpr const char* kName = "QrValue";
  static void describe(schema::Output<Of>& shows) {
    shows("value", [](const Of& text) { return text; });
  }
};

struct Base64 {
  using Of = Bytes;  // a PNG
  static constexpr const char* kName = "Base64File";
  static void describe(schema::Output<Of>& shows) {
    shows("mimetype", [](const Of&) { return "image/png"; });
    shows("data", [](const Of& png) { return base64(png); });
  }
};

net::HttpReply show_qr(const Call& call, const GetQr& in) {
  const auto qr = call.gateway.qr(in.session, kQrWait);
  if (!qr) return session_failure(call.gateway, in.session, qr.error(), "SCAN_QR_CODE");
  if (in.format == QrFormat::raw) return reply<Value>(200, qr->text);
  const auto png = qr_png(qr->text, kQrScale);
  if (!png) return failure_reply(png.error());
  if (call.http.header("accept") == "application/json") return reply<Base64>(200, *png);
  return {200, "image/png", std::string(as_text(*png)), {}};
}

struct RequestCode {
  std::string session = "default";
  std::string phone;
  std::string method;
  static constexpr const char* kName = "RequestCodeRequest";
  static void describe(schema::Input<RequestCode>& is) {
    is.session(&RequestCode::session, kSession);
    is("phoneNumber", &RequestCode::phone, kPhone).required().help("Of the account that is to be linked.");
    is("method", &RequestCode::method).length(0, 16).help("Of WAHA; has to be left out: no sms, no call.");
  }
};

struct CodeShape {
  using Of = engine::LinkCode;
  static constexpr const char* kName = "PairingCodeResponse";
  static void describe(schema::Output<Of>& shows) {
    shows("code", [](const Of& code) { return code.text; });
    shows("expiresIn", [](const Of& code) {
      return code.expires_in / kSecond;
    }).help("Seconds. Another code, and the end of the link, make it worthless before.");
  }
};

// A session that has just been started is waited for, as for its QR.
net::HttpReply request_code(const Call& call, const RequestCode& in) {
  if (!in.method.empty())
    return failure_reply(
        fail(Cause::bad_input, "method: there is none but that of linked devices; leave it out"));
  const auto refuse = [&](const Error& error) {
    const Json hint = {{"hint", "wait, or scan the QR; look whether the number is the account's"}};
    return session_failure(call.gateway, in.session, error, "SCAN_QR_CODE",
                           error.cause == Cause::rate_limited ? hint : Json::object());
  };
  if (const auto qr = call.gateway.qr(in.session, kQrWait); !qr) return refuse(qr.error());
  const auto code = call.gateway.ask_pairing<engine::LinkCode>(
      in.session, in.phone, [phone = in.phone](engine::Pairing& pairing, auto answered) {
        pairing.request_code(phone, std::move(answered));
      });
  return code ? reply<CodeShape>(201, *code) : refuse(code.error());
}

}  // namespace

Operations pairing_operations() {
  return {
      operation<RequestCode>(
          {"POST", "/api/{session}/auth/request-code", "requestCode", "Pairing", Scope::control, Whose::one,
           "A code to be typed into the phone, instead of the QR"},
          request_code)
          .gives(201, "For Linked devices, Link a device, Link with phone number.", json<CodeShape>())
          .fails({422, 429, 409, 502, 504}),
      operation<GetQr>({"GET", "/api/{session}/auth/qr", "getQr", "Pairing", Scope::control, Whose::one,
                        "The code that a phone scans to link its account"},
                       show_qr)
          .gives(200, "A picture; or JSON, where `Accept` is application/json, or for format=raw.",
                 {picture("image/png"), json<Value>(), json<Base64>()})
          .fails({422, 413, 504}),
  };
}

}  // namespace pigeond::api::waha
