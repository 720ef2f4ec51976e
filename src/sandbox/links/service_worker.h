// The script that a browser keeps for the web client, and that names the web client's version: where clients
// that are none look it up.
#pragma once

#include <cstdint>
#include <string>

namespace pigeond::sandbox {

// As large as a bundled script is, with the revision far inside, in JSON that is a JavaScript string. 0: a
// script that does not name one.
std::string service_worker(std::uint32_t revision);

// The service answers 400 to what does not look like a browser that was told to go there: `site` and `agent`
// are the request's Sec-Fetch-Site and User-Agent (Baileys #1929, whatsapp-rust version.rs).
bool is_browser(const std::string& site, const std::string& agent);

}  // namespace pigeond::sandbox
