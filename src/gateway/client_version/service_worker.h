// The script that a browser keeps for the web client (its service worker) names the client's revision, as
// JSON that is mostly a JavaScript string:
//
//   ... {\"dynamic_data\":{\"SiteData\":{ ... \"client_revision\":1047769893, ...
//
// Where in it, and with how many quotes, differs (Baileys fetchLatestWaWebVersion, whatsapp-rust
// wacore/src/version.rs, whatsmeow update.go).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pigeond::gateway {

// The first that is one: a whole number, followed by something, of a size that revisions have. Never more
// than a look at each byte.
std::optional<std::uint32_t> revision_in(std::string_view script);

}  // namespace pigeond::gateway
