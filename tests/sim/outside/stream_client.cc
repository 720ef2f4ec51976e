#include "outside/stream_client.h"

#include <algorithm>
#include <utility>

namespace pigeond::sim {
namespace {

constexpr std::uint64_t kBreaks = 25;  // a connection breaks with one in so many events
constexpr std::uint64_t kOneWay = 50;  // ms, at most
constexpr Millis kComeBack = kSecond;

}  // namespace

// The process's end of the connection.
class StreamClient::End final : public gateway::StreamOutlet {
 public:
  End(StreamClient& client, std::uint64_t connection) : client_(client), connection_(connection) {}

  void send(const gateway::EventText& event) override {
    if (!client_.outlet_.leaves(client_.name_ + " is told '" + event.text + "'")) return;
    auto& client = client_;
    client.newest_ = std::max(client.newest_, client.timeline_.mono()) +
                     static_cast<Millis>(client.random_.below(kOneWay));
    client.timeline_.at(client.newest_,
                        [&client, connection = connection_, event] { client.take(connection, event); });
  }
  void send_gap(const std::string&) override { ++client_.gaps_; }
  std::size_t buffered() const override { return 0; }
  bool keep_alive() override { return true; }
  void close(Why) override {
    client_.outlet_.post([&client = client_, connection = connection_] {
      if (client.connection_ == connection) client.lose();
    });
  }

 private:
  StreamClient& client_;
  const std::uint64_t connection_;
};

void StreamClient::follow(gateway::Core& core, gateway::EventStreams& streams) {
  core_ = &core;
  streams_ = &streams;
  connect();
}

void StreamClient::forget() {
  core_ = nullptr;
  streams_ = nullptr;
  id_ = 0;
  ++connection_;
}

void StreamClient::connect() {
  if (streams_ == nullptr || id_ != 0) return;
  const auto last = got_.empty() ? std::nullopt : gateway::parse_event_id(got_.back().id);
  const std::uint64_t connection = ++connection_;
  id_ = streams_->add({"", gateway::Topics::all()}, last, std::make_unique<End>(*this, connection));
  core_->begin_stream([this, connection](const Result<std::int64_t>& begun) {
    if (connection_ != connection) return;
    if (!begun) return come_back();
    streams_->start(id_, *begun);
  });
}

// Not from inside of what the streams do.
void StreamClient::come_back() {
  outlet_.post([this, connection = connection_] {
    if (connection_ == connection) lose();
  });
}

void StreamClient::lose() {
  if (id_ == 0) return;
  streams_->remove(std::exchange(id_, 0));
  ++connection_;
  timeline_.after(kComeBack, [this, connection = connection_] {
    if (connection_ != connection) return;
    outlet_.post([this, connection] {
      if (connection_ == connection) connect();
    });
  });
}

void StreamClient::take(std::uint64_t connection, const gateway::EventText& event) {
  if (connection_ != connection) return;
  got_.push_back({event.id, event.text});
  if (random_.below(kBreaks) == 0) come_back();
}

}  // namespace pigeond::sim
