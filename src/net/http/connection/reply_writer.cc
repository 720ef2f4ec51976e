#include "net/http/connection/reply_writer.h"

#include <array>

#include "net/http/head.h"

namespace pigeond::net {
namespace {

struct Reason {
  int status;
  std::string_view text;
};

constexpr std::array kReasons = {Reason{100, "Continue"},
                                 Reason{200, "OK"},
                                 Reason{201, "Created"},
                                 Reason{202, "Accepted"},
                                 Reason{204, "No Content"},
                                 Reason{206, "Partial Content"},
                                 Reason{301, "Moved Permanently"},
                                 Reason{302, "Found"},
                                 Reason{303, "See Other"},
                                 Reason{304, "Not Modified"},
                                 Reason{400, "Bad Request"},
                                 Reason{401, "Unauthorized"},
                                 Reason{403, "Forbidden"},
                                 Reason{404, "Not Found"},
                                 Reason{405, "Method Not Allowed"},
                                 Reason{408, "Request Timeout"},
                                 Reason{409, "Conflict"},
                                 Reason{411, "Length Required"},
                                 Reason{413, "Content Too Large"},
                                 Reason{414, "URI Too Long"},
                                 Reason{415, "Unsupported Media Type"},
                                 Reason{416, "Range Not Satisfiable"},
                                 Reason{417, "Expectation Failed"},
                                 Reason{422, "Unprocessable Content"},
                                 Reason{426, "Upgrade Required"},
                                 Reason{429, "Too Many Requests"},
                                 Reason{431, "Request Header Fields Too Large"},
                                 Reason{500, "Internal Server Error"},
                                 Reason{501, "Not Implemented"},
                                 Reason{502, "Bad Gateway"},
                                 Reason{503, "Service Unavailable"},
                                 Reason{504, "Gateway Timeout"},
                                 Reason{505, "HTTP Version Not Supported"}};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view http_reason(int status) {
  for (const auto& reason : kReasons)
    if (reason.status == status) return reason.text;
  return "Status";
}

std::string http_reply_head(const HttpReply& reply, HttpBodyForm form, std::uint64_t length, Millis idle) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ");
  out.append(http_reason(reply.status)).append("\r\n");
  if (idle > 0) {
    append_field(out, "Keep-Alive", "timeout=" + std::to_string(idle / kSecond));
  } else {
    append_field(out, "Connection", "close");
  }
  const bool has_content = form != HttpBodyForm::none && !(form == HttpBodyForm::length && length == 0);
  if (has_content && !reply.type.empty() && check_header({"Content-Type", reply.type}))
    append_field(out, "Content-Type", reply.type);
  for (const auto& [name, value] : reply.headers)
    if (check_header({name, value})) append_field(out, name, value);
  if (form == HttpBodyForm::length) append_field(out, "Content-Length", std::to_string(length));
  if (form == HttpBodyForm::chunks) append_field(out, "Transfer-Encoding", "chunked");
  out.append("\r\n");
  return out;
}

std::string http_reply_text(const HttpReply& reply, bool head_only, Millis idle) {
  const bool bodiless = reply.status == 204 || reply.status == 304;
  auto out =
      http_reply_head(reply, bodiless ? HttpBodyForm::none : HttpBodyForm::length, reply.body.size(), idle);
  if (!bodiless && !head_only) out += reply.body;
  return out;
}

}  // namespace pigeond::net
