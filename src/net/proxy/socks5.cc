// SOCKS5 (RFC 1928), with a user name and a password (RFC 1929) where there are some. Sizes in bytes:
//
//   methods      we       | 05 | count | method, count times |      00 nothing, 02 user name and password
//                proxy    | 05 | method |                           FF: none of them
//
//   RFC 1929     we       | 01 | size | user name | size | password |
//   (method 02)  proxy    | 01 | status |                           00: welcome
//
//   request      we       | 05 | 01 | 00 | address | port, 2 |      01: CONNECT; the port in network order
//                proxy    | 05 | reply | 00 | address | port, 2 |   reply 00: the connection is there
//
//   address               | 01 | IPv4, 4 |   or   | 03 | size | name |   or   | 04 | IPv6, 16 |
//
// A proxy that takes us without a password is not told it. What its reply names as an address is of no use
// here, and only measured.
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "net/address.h"
#include "net/proxy/dialog.h"

namespace pigeond::net {
namespace {

constexpr std::uint8_t kVersion = 5, kPasswordVersion = 1, kConnect = 1;
constexpr std::uint8_t kNothing = 0, kPassword = 2, kNoMethod = 0xff;  // methods
constexpr std::uint8_t kIpv4 = 1, kName = 3, kIpv6 = 4;                // types of an address
constexpr std::size_t kAnswer = 2, kReplyHead = 4, kPort = 2;

std::string reply_words(int reply) {
  constexpr std::array<const char*, 9> kWords = {"",
                                                 "general failure",
                                                 "not allowed by its rules",
                                                 "network unreachable",
                                                 "host unreachable",
                                                 "connection refused",
                                                 "TTL expired",
                                                 "command not supported",
                                                 "address type not supported"};
  const auto index = static_cast<std::size_t>(reply);
  return index < kWords.size() ? kWords[index] : "reply " + std::to_string(reply);
}

void append(Bytes& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

class Socks5Connect final : public ProxyDialog {
 public:
  Socks5Connect(const Proxy& proxy, std::string host, std::uint16_t port)
      : proxy_(proxy), host_(std::move(host)), port_(port) {}

  Bytes hello() override {
    if (proxy_.username.empty()) return {kVersion, 1, kNothing};
    return {kVersion, 2, kNothing, kPassword};
  }

  Result<bool> receive(ByteView& in, Bytes& say) override {
    for (;;) {
      PIGEOND_TRY(const std::size_t wanted, size());
      const std::size_t count = std::min(wanted - answer_.size(), in.size());
      answer_.insert(answer_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(count));
      in = in.subspan(count);
      if (answer_.size() < wanted) return false;
      PIGEOND_TRY(const std::size_t whole, size());  // its head is there now, and may tell of more
      if (whole > wanted) continue;
      PIGEOND_TRY(const bool done, answered(say));
      answer_.clear();
      if (done) return true;
    }
  }

 private:
  enum class State { methods, password, request };

  // Of the answer that is coming in, as far as it can be told.
  Result<std::size_t> size() const {
    if (state_ != State::request) return kAnswer;
    if (answer_.size() <= kReplyHead) return kReplyHead + 1;
    switch (answer_[3]) {
      case kIpv4:
        return kReplyHead + 4 + kPort;
      case kIpv6:
        return kReplyHead + 16 + kPort;
      case kName:
        return kReplyHead + 1 + answer_[4] + kPort;
      default:
        return proxy_error(proxy_, "does not answer as a SOCKS5 proxy: an address of no known type");
    }
  }

  Result<bool> answered(Bytes& say) {
    const std::uint8_t version = state_ == State::password ? kPasswordVersion : kVersion;
    if (answer_[0] != version)
      return proxy_error(proxy_, "does not answer as a SOCKS5 proxy: version " + std::to_string(answer_[0]));
    const std::uint8_t code = answer_[1];
    switch (state_) {
      case State::methods:
        return method_chosen(code, say);
      case State::password:
        if (code != 0) return proxy_error(proxy_, "refuses the user name or password", code);
        request(say);
        return false;
      case State::request:
        break;
    }
    if (code != 0)
      return proxy_error(
          proxy_, "refuses a connection to " + host_ + ":" + std::to_string(port_) + ": " + reply_words(code),
          code);
    return true;
  }

  Result<bool> method_chosen(std::uint8_t method, Bytes& say) {
    if (method == kPassword && !proxy_.username.empty()) {
      state_ = State::password;
      say.push_back(kPasswordVersion);
      append(say, proxy_.username);
      append(say, proxy_.password);
      return false;
    }
    if (method == kNothing) {
      request(say);
      return false;
    }
    if (method != kNoMethod)
      return proxy_error(proxy_, "wants a method that it was not offered: " + std::to_string(method));
    return proxy_error(proxy_, proxy_.username.empty() ? "wants a user name and a password"
                                                       : "takes no user name and password");
  }

  void request(Bytes& say) {
    state_ = State::request;
    say.insert(say.end(), {kVersion, kConnect, 0});
    const auto address = parse_ip(host_, port_);
    if (!address) {
      say.push_back(kName);
      append(say, host_);
    } else if (address->get()->sa_family == AF_INET) {
      const auto& ip = reinterpret_cast<const sockaddr_in*>(address->get())->sin_addr;
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&ip);
      say.push_back(kIpv4);
      say.insert(say.end(), bytes, bytes + sizeof ip);
    } else {
      const auto& ip = reinterpret_cast<const sockaddr_in6*>(address->get())->sin6_addr;
      say.push_back(kIpv6);
      say.insert(say.end(), std::begin(ip.s6_addr), std::end(ip.s6_addr));
    }
    say.push_back(static_cast<std::uint8_t>(port_ >> 8));
    say.push_back(static_cast<std::uint8_t>(port_ & 0xff));
  }

  const Proxy& proxy_;
  const std::string host_;
  const std::uint16_t port_;
  State state_ = State::methods;
  Bytes answer_;
};

}  // namespace

std::unique_ptr<ProxyDialog> socks5_connect(const Proxy& proxy, const std::string& host, std::uint16_t port) {
  return std::make_unique<Socks5Connect>(proxy, host, port);
}

}  // namespace pigeond::net
