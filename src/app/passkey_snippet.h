// How a person signs with a passkey: only a browser on the service's own page can ask an authenticator for it
// (W3C Web Authentication: the signature names the page's origin), so a line is pasted into that page's
// console.
#pragma once

#include <string>

namespace pigeond::app {

// JavaScript of one line: asks the authenticator, and leaves the answer, as POST /api/{session}/auth/passkey
// takes it, in the clipboard and on the console. `options`: JSON, as GET .../auth/passkey/challenge answers.
std::string passkey_snippet(const std::string& options);
// What to do with it, for people, around the line.
std::string passkey_words(const std::string& options);

}  // namespace pigeond::app
