// The media servers on sockets: what they take at most, how long they wait, and which part they hand out.
#include "sandbox/media/media_server.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/tcp_stream.h"
#include "wire/media_file.h"

namespace pigeond::sandbox {
namespace {

class SandboxMediaServer : public ::testing::Test {
 protected:
  // A raw connection, and what came over it.
  struct Line {
    std::unique_ptr<net::Stream> stream;
    std::string got;
    bool closed = false;
  };

  SandboxMediaServer() {
    world.now = loop.now();
    const auto started = server.listen("127.0.0.1", nullptr);
    EXPECT_TRUE(started);
    port = *started;
    file = wire::seal_media(wire::media_keys(random.bytes(wire::kMediaKey), "WhatsApp Image Keys"),
                            random.bytes(200'000));
  }

  std::unique_ptr<Line> connect() {
    auto line = std::make_unique<Line>();
    net::Stream::Callbacks callbacks;
    callbacks.on_data = [raw = line.get()](ByteView data) { raw->got += as_text(data); };
    callbacks.on_closed = [raw = line.get()](const Error&) { raw->closed = true; };
    line->stream = net::TcpStream::connect(network, "127.0.0.1", port, 10 * kSecond);
    line->stream->set_callbacks(std::move(callbacks));
    return line;
  }
  bool until(const std::function<bool()>& done) {
    const Millis deadline = loop.now().mono + 30 * kSecond;
    while (!done() && loop.now().mono < deadline) loop.run_once(deadline);
    return done();
  }
  // All that is answered, until the line is closed.
  std::string ask(const std::string& head, ByteView body = {}) {
    auto line = connect();
    EXPECT_TRUE(line->stream->write(as_bytes(head)));
    if (!body.empty()) EXPECT_TRUE(line->stream->write(body));
    EXPECT_TRUE(until([&] { return line->closed; })) << head;
    return line->got;
  }
  std::string upload_head(std::uint64_t length) {
    const std::string token = base64url(ByteView(crypto::sha256(file)));
    const std::string auth = store.auth().issue({"4915110000001", 1}, loop.now().unix_seconds());
    return "POST /mms/image/" + token + "?auth=" + auth + "&token=" + token +
           " HTTP/1.1\r\nHost: x\r\nOrigin: https://web.whatsapp.com\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n";
  }
  static std::string status_of(const std::string& answer) { return answer.substr(0, answer.find(" -")); }
  static std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

  SystemClock clock;
  SeededRandom random{5};
  net::Loop loop{clock};
  net::Network network{loop, random};
  World world{Policy(), random};
  MediaStore store{world};
  MediaUploads uploads{world, store};
  MediaServer server{network, store, uploads};
  std::uint16_t port = 0;
  Bytes file;
};

TEST_F(SandboxMediaServer, TakesAFileAndHandsOutAnyPartOfIt) {
  const std::string reply = ask(upload_head(file.size()), file);
  ASSERT_EQ(status_of(reply), "HTTP/1.1 200") << reply;
  const std::string key = R"("direct_path":")";
  const std::size_t at = reply.find(key) + key.size();
  const std::string path = reply.substr(at, reply.find('"', at) - at);
  const auto get = [&](const std::string& range) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + range + "\r\n");
  };
  const std::string whole = get("");
  EXPECT_EQ(status_of(whole), "HTTP/1.1 200");
  EXPECT_EQ(body_of(whole), as_text(file));
  const std::string part = get("Range: bytes=16-47\r\n");
  EXPECT_EQ(status_of(part), "HTTP/1.1 206");
  EXPECT_EQ(body_of(part), as_text(ByteView(file).subspan(16, 32)));
  EXPECT_NE(part.find("Content-Range: bytes 16-47/" + std::to_string(file.size())), std::string::npos);
  EXPECT_EQ(body_of(get("Range: bytes=-5\r\n")), as_text(ByteView(file).last(5)));
  EXPECT_EQ(status_of(get("Range: bytes=9999999-\r\n")), "HTTP/1.1 416");
  EXPECT_TRUE(world.trace.violations().empty());
}

TEST_F(SandboxMediaServer, ReadsNoHeadOver16KiBAndNoBodyOverItsLimit) {
  auto line = connect();
  ASSERT_TRUE(line->stream->write(as_bytes("GET /" + std::string(20'000, 'x'))));
  EXPECT_TRUE(until([&] { return line->closed; }));
  EXPECT_EQ(line->got, "");
  uploads.most = file.size() - 1;
  EXPECT_EQ(status_of(ask(upload_head(file.size()))), "HTTP/1.1 413");
  EXPECT_EQ(status_of(ask("PUT / HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 405");
}

TEST_F(SandboxMediaServer, BytesBehindABodyAreNotPartOfIt) {
  Bytes more = file;
  more.push_back(1);
  EXPECT_EQ(status_of(ask(upload_head(file.size()), more)), "HTTP/1.1 200");
}

TEST_F(SandboxMediaServer, DropsWhoDoesNotGetOn) {
  server.patience = 100;
  auto silent = connect(), half = connect();
  ASSERT_TRUE(half->stream->write(as_bytes(upload_head(file.size()))));
  ASSERT_TRUE(half->stream->write(ByteView(file).first(1000)));
  EXPECT_TRUE(until([&] { return silent->closed && half->closed; }));
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(SandboxMediaServer, ASlowFileTakesItsTime) {
  Fault slow;
  slow.kind = FaultKind::media_slow;
  slow.rate = 2'000'000;
  world.faults.add(slow);
  const Millis before = loop.now().mono;
  EXPECT_EQ(status_of(ask(upload_head(file.size()), file)), "HTTP/1.1 200");
  EXPECT_GE(loop.now().mono - before, 80);
}

}  // namespace
}  // namespace pigeond::sandbox
