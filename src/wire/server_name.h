// The server half of a JID. One of the known names costs no more than a pointer to copy, move and compare; a
// JID is copied some hundred times on a text's way. Any other name is kept as it came, and shared by its
// copies.
#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>

namespace pigeond::wire {

namespace server {
inline constexpr std::string_view kUser = "s.whatsapp.net";
inline constexpr std::string_view kLid = "lid";
inline constexpr std::string_view kGroup = "g.us";
inline constexpr std::string_view kBroadcast = "broadcast";
inline constexpr std::string_view kNewsletter = "newsletter";
inline constexpr std::string_view kLegacyUser = "c.us";
inline constexpr std::string_view kHosted = "hosted";
inline constexpr std::string_view kHostedLid = "hosted.lid";
inline constexpr std::string_view kBot = "bot";
inline constexpr std::string_view kMessenger = "msgr";
inline constexpr std::string_view kInterop = "interop";
inline constexpr std::string_view kCall = "call";
inline constexpr std::string_view kAll[] = {kUser,   kLid,       kGroup, kBroadcast, kNewsletter, kLegacyUser,
                                            kHosted, kHostedLid, kBot,   kMessenger, kInterop,    kCall};
}  // namespace server

class ServerName {
 public:
  ServerName() = default;
  ServerName(std::string_view name);
  ServerName(const std::string& name) : ServerName(std::string_view(name)) {}
  ServerName(const char* name) : ServerName(std::string_view(name)) {}

  std::string_view view() const { return name_; }
  operator std::string_view() const { return name_; }
  bool empty() const { return name_.empty(); }
  std::size_t size() const { return name_.size(); }
  bool is_known() const { return !other_ && !name_.empty(); }

  friend bool operator==(const ServerName& a, const ServerName& b) { return same(a.name_, b.name_); }
  friend bool operator==(const ServerName& a, std::string_view b) { return same(a.name_, b); }
  friend bool operator==(const ServerName& a, const std::string& b) { return same(a.name_, b); }
  friend bool operator==(const ServerName& a, const char* b) { return a.name_ == b; }
  friend std::strong_ordering operator<=>(const ServerName& a, const ServerName& b) {
    return a.name_ <=> b.name_;
  }

 private:
  // Known names are mostly told apart by their lengths, and the same one lies in one place.
  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.data() == b.data() || a == b);
  }

  std::string_view name_;  // of server::kAll, or of other_
  std::shared_ptr<const std::string> other_;
};

}  // namespace pigeond::wire
