// Paths on the service's media servers, as whatsmeow (download.go, upload.go) writes them.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pigeond::engine {

// A path with its query, as senders name it: printable ASCII from its slash on, and not too long.
bool is_media_path(std::string_view path);
// By which a file is known there: base64url with padding of the SHA-256 of the file.
std::string media_token(ByteView file_sha256);
// Where a file is fetched. `path` has a query of its own, as a rule, which is signed: what is ours comes
// behind it. `type`: of the file ("image", "md-msg-hist").
std::string media_target(const std::string& path, ByteView file_sha256, std::string_view type);

}  // namespace pigeond::engine
