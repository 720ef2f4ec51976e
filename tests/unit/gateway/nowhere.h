// A world for a gateway's core in which nothing answers, and a clock that a test walks on by hand.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "gateway/core.h"

namespace pigeond::gateway {

// Nobody answers.
class Nowhere final : public Outside, public net::HttpSender {
 public:
  explicit Nowhere(bool threads = false) : threads_(threads) {}
  std::unique_ptr<Link> make_link(const std::string&, Link::Callbacks) override {
    class Dead final : public Link {
      void connect(net::ProxyRef) override {}
      void write(std::span<const Bytes>) override {}
      void disconnect() override {}
      void drop() override {}
      bool exists() const override { return false; }
    };
    return std::make_unique<Dead>();
  }
  bool says_goodbye() const override { return false; }
  net::HttpSender& http() override { return *this; }
  net::HttpSender& web() override { return *this; }
  bool has_threads() const override { return threads_; }
  Id send(const net::HttpClientRequest& request, Callback) override {
    asked.push_back(request.url);
    return ++last_;
  }
  void cancel(Id) override {}

  std::vector<std::string> asked;  // URLs

 private:
  const bool threads_;
  Id last_ = 0;
};

class WalkingClock final : public Clock {
 public:
  Instant now() override { return {mono, 1795000000000 + mono}; }
  Millis mono = 1000;
};

}  // namespace pigeond::gateway
