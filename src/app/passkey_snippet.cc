#include "app/passkey_snippet.h"

namespace pigeond::app {
namespace {

// With nothing of the newer browsers (PublicKeyCredential.parseRequestOptionsFromJSON and toJSON): what they
// know, all do. `copy` is the console's own.
constexpr const char* kBefore =
    "(async o=>{"
    "const d=s=>Uint8Array.from(atob(s.replace(/-/g,'+').replace(/_/g,'/')),c=>c.charCodeAt(0)),"
    "e=b=>b?btoa(String.fromCharCode(...new "
    "Uint8Array(b))).replace(/\\+/g,'-').replace(/\\//g,'_').replace(/=+$/,'')"
    ":null;"
    "o.challenge=d(o.challenge);(o.allowCredentials||[]).forEach(c=>c.id=d(c.id));"
    "const c=await navigator.credentials.get({publicKey:o}),r=c.response,"
    "t=JSON.stringify({id:c.id,rawId:e(c.rawId),type:c.type,response:{clientDataJSON:e(r.clientDataJSON),"
    "authenticatorData:e(r.authenticatorData),signature:e(r.signature),userHandle:e(r.userHandle)}});"
    "console.log(t);try{await navigator.clipboard.writeText(t)}catch{}return t})(";

}  // namespace

std::string passkey_snippet(const std::string& options) {
  return kBefore + options + ")";
}

std::string passkey_words(const std::string& options) {
  return "\nThis account wants a passkey. Only a browser can ask for it, on WhatsApp's own page:\n"
         "  1. Open https://web.whatsapp.com in a browser that can use the passkey, or reach the phone that "
         "holds it.\n"
         "  2. Open its console (F12), and paste there:\n\n" +
         passkey_snippet(options) +
         "\n\n  3. Sign. Paste here what the console shows, one line that begins with {\"id\": and press "
         "Enter.\n";
}

}  // namespace pigeond::app
