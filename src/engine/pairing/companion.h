// How this companion calls itself towards the service while it is linked. The name that the phone's list
// shows is another (ClientProfile::device_name), and free.
#pragma once

#include <cstdint>
#include <string_view>

namespace pigeond::engine {

// The web client's number for its browser: Chrome, as the device properties say.
inline constexpr std::string_view kCompanionPlatform = "1";
// The same as DeviceProps.PlatformType.
inline constexpr std::uint32_t kCompanionDevice = 1;
// "Browser (system)": both have to be real ones, or a request for a code is refused with 400 (whatsmeow's
// PairPhone, Baileys #2769).
inline constexpr std::string_view kCompanionDisplay = "Chrome (Linux)";

}  // namespace pigeond::engine
