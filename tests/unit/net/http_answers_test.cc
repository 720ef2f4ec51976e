// Answers given later, from files, or open-ended; bodies that stream; connections that are handed over.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "http_support.h"
#include "net/websocket/websocket.h"

namespace pigeond::net {
namespace {

class HttpAnswersTest : public HttpServerTest {
 protected:
  // An unnamed file with so many bytes, each the low byte of its place.
  static HttpFile file_of(std::size_t size) {
    char name[] = "/tmp/pigeond-http-XXXXXX";
    auto fd = std::make_shared<UniqueFd>(::mkstemp(name));
    ::unlink(name);
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i & 0xff);
    EXPECT_EQ(::write(fd->get(), content.data(), size), static_cast<ssize_t>(size));
    return HttpFile{std::move(fd), 0, size};
  }
  void serve_file(std::size_t size) {
    const auto file = file_of(size);
    more = [file](HttpRequest& request) -> std::optional<HttpAdmission> {
      HttpReply reply;
      reply.type = "application/octet-stream";
      reply.file = file;
      if (request.path == "/file") return HttpAnswer{reply};
      if (request.path == "/file/worker") return HttpWork{[reply](const HttpRequest&) { return reply; }};
      return std::nullopt;
    };
    open();
  }
  static std::string ranged(const std::string& target, const std::string& range) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\nRange: " + range + "\r\n\r\n";
  }
};

TEST_F(HttpAnswersTest, FilesAreSentWholeAndInRanges) {
  serve_file(1000);
  for (const char* path : {"/file", "/file/worker"}) {
    RawClient client(port);
    client.send(get(path));
    EXPECT_EQ(body_of(client.read_reply()).size(), 1000U);
    client.send(ranged(path, "bytes=10-12"));
    auto part = client.read_reply();
    EXPECT_EQ(status_of(part), "HTTP/1.1 206");
    EXPECT_NE(part.find("Content-Range: bytes 10-12/1000\r\n"), std::string::npos) << part;
    EXPECT_EQ(body_of(part), "\x0a\x0b\x0c");
    client.send(ranged(path, "bytes=1000-"));
    part = client.read_reply();
    EXPECT_EQ(status_of(part), "HTTP/1.1 416");
    EXPECT_NE(part.find("Content-Range: bytes */1000\r\n"), std::string::npos) << part;
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(client.read_reply(true).find("Content-Length: 1000\r\n"), std::string::npos);
    client.send(get("/ping"));
    EXPECT_EQ(body_of(client.read_reply()), "pong");
  }
}

TEST_F(HttpAnswersTest, ALargeFileGoesInPiecesAsItIsRead) {
  constexpr std::size_t kSize = 20'000'000;
  serve_file(kSize);
  RawClient client(port);
  client.send(get("/file"));
  auto reply = client.read_until("\r\n\r\n");
  const auto content = client.read_bytes(kSize);
  ASSERT_EQ(content.size(), kSize);
  for (std::size_t i = 0; i < kSize; i += 4099) ASSERT_EQ(static_cast<unsigned char>(content[i]), i & 0xff);
}

TEST_F(HttpAnswersTest, AFileThatShrankCutsTheConnection) {
  auto file = file_of(100'000);
  file.size = 200'000;
  more = [file](HttpRequest&) -> std::optional<HttpAdmission> {
    HttpReply reply;
    reply.file = file;
    return HttpAnswer{reply};
  };
  open();
  EXPECT_LT(ask_all(get("/file")).size(), 200'000U);
}

TEST_F(HttpAnswersTest, LaterAnswersComeFromAnyThreadAndOnce) {
  std::promise<HttpResponder> asked;
  more = [&](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/later") return std::nullopt;
    return HttpLater{[&](const HttpRequest& served, HttpResponder respond) {
      EXPECT_EQ(served.body, "question");
      asked.set_value(std::move(respond));
    }};
  };
  open();
  RawClient client(port);
  client.send(post("/later", "question") + get("/ping"));
  const auto respond = asked.get_future().get();
  EXPECT_TRUE(respond.wanted());
  std::thread([respond] { respond(text("answer")); }).join();
  EXPECT_FALSE(respond.wanted());
  respond(text("another"));
  EXPECT_EQ(body_of(client.read_reply()), "answer");
  EXPECT_EQ(body_of(client.read_reply()), "pong");
}

TEST_F(HttpAnswersTest, WhatNobodyAnswersIsA503) {
  more = [](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpLater{[](const HttpRequest&, const HttpResponder&) {}};
  };
  open();
  EXPECT_EQ(status_of(ask(get("/later"))), "HTTP/1.1 503");
}

TEST_F(HttpAnswersTest, AnAnswerForAClientThatHasGoneIsDropped) {
  std::promise<HttpResponder> asked;
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpLater{[&](const HttpRequest&, HttpResponder respond) { asked.set_value(std::move(respond)); }};
  };
  open();
  auto client = std::make_unique<RawClient>(port);
  client->send(get("/later"));
  const auto respond = asked.get_future().get();
  const linger reset{1, 0};
  ::setsockopt(client->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  client->close();
  ASSERT_TRUE(eventually([&] { return !respond.wanted(); }));
  respond(text("for nobody"));
  EXPECT_TRUE(eventually([&] { return server->counters().connections == 0; }));
}

TEST_F(HttpAnswersTest, AnAnswerAfterTheServerIsDropped) {
  std::promise<HttpResponder> asked;
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpLater{[&](const HttpRequest&, HttpResponder respond) { asked.set_value(std::move(respond)); }};
  };
  open();
  RawClient client(port);
  client.send(get("/later"));
  const auto respond = asked.get_future().get();
  server->stop(0);
  server.reset();
  respond(text("too late"));
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpAnswersTest, AStreamStaysOpenUntilItsWriterEndsIt) {
  std::shared_ptr<HttpWriter> writer;
  more = [&](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path == "/ping") return std::nullopt;
    HttpReply reply;
    reply.type = "text/event-stream";
    reply.stream = [&](std::shared_ptr<HttpWriter> fresh) { writer = std::move(fresh); };
    return HttpAnswer{reply};
  };
  open();
  RawClient client(port);
  client.send(get("/events") + get("/ping"));
  EXPECT_NE(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  on_loop([&] { EXPECT_TRUE(writer->write("data: 1\n\n")); });
  EXPECT_EQ(client.read_until("\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
  on_loop([&] {
    EXPECT_TRUE(writer->write("x"));
    writer->end();
    EXPECT_FALSE(writer->write("y"));
  });
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "1\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(client.read_reply()), "pong");
  // HTTP/1.0 knows no chunks: the end of the connection is the end.
  RawClient old(port);
  old.send("GET /events HTTP/1.0\r\n\r\n");
  (void)old.read_until("\r\n\r\n");
  on_loop([&] {
    writer->write("plain");
    writer.reset();
  });
  EXPECT_EQ(old.read_all(), "plain");
}

TEST_F(HttpAnswersTest, AWriterHearsThatItsClientWentOrDoesNotRead) {
  std::shared_ptr<HttpWriter> writer;
  std::atomic<int> cause{-1};
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> {
    HttpReply reply;
    reply.stream = [&](std::shared_ptr<HttpWriter> fresh) {
      writer = std::move(fresh);
      writer->on_closed([&](const Error& error) { cause = static_cast<int>(error.cause); });
    };
    return HttpAnswer{reply};
  };
  open();
  auto gone = std::make_unique<RawClient>(port);
  gone->send(get("/events"));
  (void)gone->read_until("\r\n\r\n");
  gone->close();
  ASSERT_TRUE(eventually([&] { return cause == static_cast<int>(Cause::link_lost); }));
  on_loop([&] { EXPECT_FALSE(writer->write("x")); });
  RawClient deaf(port);
  deaf.send(get("/events"));
  (void)deaf.read_until("\r\n\r\n");
  on_loop([&] {
    const std::string much(500'000, 'x');
    int writes = 0;
    while (writer->write(much)) ASSERT_LT(++writes, 1000);
  });
  EXPECT_EQ(cause, static_cast<int>(Cause::too_large));
  on_loop([&] { writer.reset(); });
}

// Takes a body in pieces, and stops it after the first until it is told.
struct Upload {
  std::mutex mutex;
  std::string body;
  std::optional<HttpBodySource> source;
  std::optional<HttpResponder> respond;
  std::atomic<bool> stops{false}, broken{false};

  std::size_t size() {
    const std::lock_guard lock(mutex);
    return body.size();
  }

  class Sink final : public HttpBodySink {
   public:
    explicit Sink(Upload& upload) : upload_(upload) {}
    bool data(ByteView piece) override {
      const std::lock_guard lock(upload_.mutex);
      upload_.body += as_text(piece);
      return !upload_.stops;
    }
    void end() override {
      HttpReply reply;
      reply.body = std::to_string(upload_.size());
      (*upload_.respond)(std::move(reply));
    }
    void broken(const Error&) override { upload_.broken = true; }

   private:
    Upload& upload_;
  };

  HttpUpload admission(std::uint64_t limit) {
    HttpUpload upload;
    upload.open = [this](const HttpRequest&, HttpBodySource from, HttpResponder to) {
      source = std::move(from);
      respond = std::move(to);
      return std::make_unique<Sink>(*this);
    };
    upload.body_limit = limit;
    return upload;
  }
};

TEST_F(HttpAnswersTest, AnUploadStreamsAndCanBeHeldBack) {
  constexpr std::size_t kSize = 50'000'000;
  Upload upload;
  upload.stops = true;
  more = [&](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path == "/ping") return std::nullopt;
    return upload.admission(100'000'000);
  };
  open();
  RawClient client(port);
  std::thread sender([&] {
    client.send("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    client.send(std::string(kSize, 'x'));
    client.send(get("/ping"));
  });
  ASSERT_TRUE(eventually([&] { return upload.size() > 0; }));
  // What has been read and is not taken is a piece or two, whatever the client sends.
  on_loop([] {});
  EXPECT_LT(server->counters().bytes_read, 200'000U);
  turn(kMinute);  // nor is it the client's fault
  upload.stops = false;
  upload.source->resume();
  EXPECT_EQ(body_of(client.read_reply()), std::to_string(kSize));
  EXPECT_EQ(body_of(client.read_reply()), "pong");
  sender.join();
  EXPECT_EQ(server->counters().timeouts, 0U);
  EXPECT_EQ(server->counters().body_bytes, 0U);
}

TEST_F(HttpAnswersTest, AnUploadThatBreaksOffIsTold) {
  Upload upload;
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> { return upload.admission(1000); };
  open();
  {
    RawClient client(port);
    client.send("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nsome");
    ASSERT_TRUE(eventually([&] { return upload.size() == 4; }));
  }
  EXPECT_TRUE(eventually([&] { return upload.broken.load(); }));
  EXPECT_EQ(status_of(ask_all("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n")),
            "HTTP/1.1 413");
}

TEST_F(HttpAnswersTest, AnUploadAnsweredBeforeItsEndEndsTheConnection) {
  Upload upload;
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> { return upload.admission(1000); };
  open();
  RawClient client(port);
  client.send("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nsome");
  ASSERT_TRUE(eventually([&] { return upload.size() == 4; }));
  (*upload.respond)(text("enough", 507));
  EXPECT_EQ(body_of(client.read_all()), "enough");
}

TEST_F(HttpAnswersTest, AConnectionIsHandedOverWithWhatCameAfterItsHead) {
  std::promise<HttpUpgrade> handed;
  more = [&](HttpRequest& request) -> std::optional<HttpAdmission> {
    if (request.path != "/ws") return std::nullopt;
    return HttpTakeOver{[&](HttpUpgrade upgrade) { handed.set_value(std::move(upgrade)); }};
  };
  open();
  RawClient client(port);
  client.send("GET /ws?x=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\nfirst bytes");
  auto upgrade = handed.get_future().get();
  EXPECT_EQ(upgrade.request.header("upgrade"), "websocket");
  EXPECT_EQ(upgrade.request.parameter("x"), "1");
  EXPECT_EQ(as_text(upgrade.rest), "first bytes");
  EXPECT_TRUE(eventually([&] { return server->counters().connections == 0; }));
  on_loop([&] { EXPECT_TRUE(upgrade.stream->write(as_bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"))); });
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
  on_loop([&] { upgrade.stream.reset(); });
}

class HttpUnixTest : public HttpServerTest {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pigeond-unix-XXXXXX";
    folder = ::mkdtemp(name);
    path = folder + "/api.sock";
  }
  void TearDown() override {
    HttpServerTest::TearDown();
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
  }
  static HttpAdmit answering(const std::string& name) {
    return [name](HttpRequest& request) { return HttpAnswer{text(name + " " + request.peer)}; };
  }
  std::string folder, path;
};

TEST_F(HttpUnixTest, AUnixSocketServesWithItsModeAndGoesWithItsServer) {
  HttpServer unix_server({}, error_text);
  ASSERT_TRUE(unix_server.listen_unix(path, 0660, answering("unix")));
  ASSERT_TRUE(unix_server.start());
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0660U);
  RawClient client(path);
  client.send(get("/"));
  EXPECT_EQ(body_of(client.read_reply()), "unix unix");
  unix_server.stop();
  EXPECT_NE(::stat(path.c_str(), &found), 0);
}

TEST_F(HttpUnixTest, ASocketFileIsReplacedOnlyIfNobodyAnswers) {
  {
    const UniqueFd left_behind(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(left_behind.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  HttpServer first({}, error_text), second({}, error_text);
  ASSERT_TRUE(first.listen_unix(path, 0600, answering("first")));
  ASSERT_TRUE(first.start());
  const auto refused = second.listen_unix(path, 0600, answering("second"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find(path), std::string::npos);
  RawClient client(path);
  client.send(get("/"));
  EXPECT_EQ(body_of(client.read_reply()), "first unix");
}

TEST_F(HttpUnixTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path) << "precious";
  HttpServer unix_server({}, error_text);
  const auto refused = unix_server.listen_unix(path, 0600, answering("x"));
  ASSERT_FALSE(refused);
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_FALSE(unix_server.listen_unix(std::string(200, 'x'), 0600, answering("x")));
}

using HttpStopTest = HttpServerTest;

TEST_F(HttpStopTest, WhatIsUnderWayEndsAndWhatComesIsRefused) {
  open();
  RawClient idle(port), busy(port), late(port);
  late.send("GET /ping HTTP");
  busy.send(get("/gate"));
  gate.wait_for_waiting(1);
  ASSERT_TRUE(eventually([&] { return server->counters().connections == 3; }));
  HttpReply refusal = text("going", 503);
  refusal.headers.emplace_back("Retry-After", "7");
  server->stop_accepting(std::move(refusal));
  EXPECT_TRUE(idle.ended());
  late.send("/1.1\r\nHost: x\r\n\r\n");
  const auto refused = late.read_all();
  EXPECT_EQ(status_of(refused), "HTTP/1.1 503");
  EXPECT_NE(refused.find("Retry-After: 7\r\n"), std::string::npos);
  EXPECT_NE(refused.find("Connection: close\r\n"), std::string::npos);
  EXPECT_FALSE(RawClient(port).connected());
  gate.open();
  EXPECT_EQ(body_of(busy.read_all()), "through");
  server->stop();
}

TEST_F(HttpStopTest, WhatDoesNotEndIsCutAfterItsGrace) {
  std::promise<HttpResponder> asked;
  more = [&](HttpRequest&) -> std::optional<HttpAdmission> {
    return HttpLater{[&](const HttpRequest&, HttpResponder respond) { asked.set_value(std::move(respond)); }};
  };
  open();
  RawClient client(port);
  client.send(get("/never"));
  const auto respond = asked.get_future().get();
  server->stop(50);
  EXPECT_EQ(client.read_all(), "");
  EXPECT_FALSE(respond.wanted());
}

}  // namespace
}  // namespace pigeond::net
