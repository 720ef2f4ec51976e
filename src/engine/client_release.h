// Which release of WhatsApp's web client this program passes for: its version, and the numbers under which
// the service keeps that release's GraphQL queries. What differs from one release to the next stands here and
// nowhere else; it is renewed together, from a browser that has web.whatsapp.com open, or from whatsmeow's
// store/clientpayload.go and whatsapp-rust's wacore/src/iq/mex_operations.rs.
//
// A version is refused (405) some 80 to 150 days after it appeared (whatsmeow #1031, #1164, wuzapi PR 368),
// and no phone links a client with it some time before that (Baileys #2679). So the newest number is learnt
// while the program runs (gateway/client_version/); the queries of the release that is built in are still
// answered then.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pigeond::engine {

// The web client's "2.3000.1045649367". The third number, the revision, counts the builds of Meta's whole
// web: it grows by 65,000 a day, more or less, whether the web client changes or not.
struct ClientVersion {
  std::uint32_t primary = 0, secondary = 0, revision = 0;

  auto operator<=>(const ClientVersion&) const = default;
  std::string text() const;
  // About when it appeared, in Unix ms: some weeks off for what is far from the one that is built in.
  Millis appeared() const;
};

inline constexpr ClientVersion kBuiltInVersion{2, 3000, 1045649367};
inline constexpr Millis kBuiltInAppeared = 1'787'184'000'000;  // 2026-08-20, as whatsmeow has it

// Older than that, linking fails already for some accounts, and a login soon may.
inline constexpr Millis kOldVersion = 60 * kDay;

// Queries of mex (engine/account/mex.h), by the web client's names for them.
namespace mex_id {
inline constexpr std::string_view kReachoutTimelock = "23983697327930364";
inline constexpr std::string_view kNewChatMessageCapping = "27910975521856601";
}  // namespace mex_id

}  // namespace pigeond::engine
