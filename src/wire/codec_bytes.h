// The first byte of a value on the wire.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pigeond::wire::code {

inline constexpr std::uint8_t kListEmpty = 0;  // also "no value" and "no user"
// 1 to 235: a token. 236 to 239: a page of the dictionary, then the index. 240 to 244: nothing.
inline constexpr std::uint8_t kInteropJid = 245;    // user, device:2, integrator:2, server
inline constexpr std::uint8_t kMessengerJid = 246;  // user, device:2, server
inline constexpr std::uint8_t kDeviceJid = 247;     // domain:1, device:1, user
inline constexpr std::uint8_t kList8 = 248;
inline constexpr std::uint8_t kList16 = 249;
inline constexpr std::uint8_t kJidPair = 250;  // user or 00, server
inline constexpr std::uint8_t kHex8 = 251;     // half-byte digits: 0-9 A-F
inline constexpr std::uint8_t kBinary8 = 252;
inline constexpr std::uint8_t kBinary20 = 253;
inline constexpr std::uint8_t kBinary32 = 254;
inline constexpr std::uint8_t kNibble8 = 255;  // half-byte digits: 0-9 - .

inline constexpr std::size_t kPackedMax = 127;  // characters that a sender packs

// Domain byte of a device JID.
inline constexpr std::uint8_t kDomainUser = 0;
inline constexpr std::uint8_t kDomainLid = 1;
inline constexpr std::uint8_t kDomainHosted = 128;
inline constexpr std::uint8_t kDomainHostedLid = 129;

}  // namespace pigeond::wire::code
