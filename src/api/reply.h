// Answers in WAHA's envelopes: bare objects on success, and its three forms of errors.
#pragma once

#include <string>
#include <string_view>

#include "api/json_text.h"
#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::api {

net::HttpReply json_reply(int status, const Json& body);
net::HttpReply json_reply(int status, JsonText body);
net::HttpReply empty_reply(int status);

// {"statusCode":400,"message":[…],"error":"Bad Request"} for 400, {"message":…,"error":…,"statusCode":…}
// otherwise.
net::HttpReply error_reply(int status, std::string_view message);
std::string error_body(int status, std::string_view message);
std::string_view reason_phrase(int status);

// The status that a cause is answered with.
int http_status(const Error& error);
// What a person can do about it; empty: nothing in particular.
std::string_view advice(Cause cause);
// 4xx and 5xx from a cause: the message names the cause's detail, "cause" the cause itself, "code" the
// service's number, "hint" the advice; Retry-After where that is known, and always where the process ends.
// `more` goes into the body.
net::HttpReply failure_reply(const Error& error, const Json& more = Json::object());

}  // namespace pigeond::api
