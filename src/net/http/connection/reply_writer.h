// Answers that no worker writes: their heads, and those of small answers whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http/message.h"

namespace pigeond::net {

std::string_view http_reason(int status);

enum class HttpBodyForm { none, length, chunks, until_close };

// Status line and headers with the empty line. `length` counts for HttpBodyForm::length. Headers that hold
// control characters are left out. `idle` (ms): how long a kept connection may be silent; 0: it ends.
std::string http_reply_head(const HttpReply& reply, HttpBodyForm form, std::uint64_t length, Millis idle);

// Head and body of an answer that is a text; `head_only` for HEAD.
std::string http_reply_text(const HttpReply& reply, bool head_only, Millis idle);

}  // namespace pigeond::net
