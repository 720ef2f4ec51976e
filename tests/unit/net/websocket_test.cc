#include "net/websocket/websocket.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pigeond::net {
namespace {

using Role = WebSocketCodec::Role;
using Kind = WebSocketCodec::Event::Kind;

// Hands out one mask for ever: that of the examples in RFC 6455 section 5.7.
class FixedMask final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    constexpr std::uint8_t kMask[] = {0x37, 0xfa, 0x21, 0x3d};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kMask[i % 4];
  }
};

Bytes hex(std::string_view text) {
  return parse_hex(text).value();
}

// Everything received so far as text: "binary:abc", "close:1000:bye"; an error as "error:1002".
struct Receiver {
  explicit Receiver(Role role, std::size_t limit = 1 << 20) : codec(role, mask, limit) {}

  void feed(ByteView in) {
    while (true) {
      auto event = codec.receive(in);
      if (!event) {
        log.push_back("error:" + std::to_string(event.error().code));
        return;
      }
      if (!*event) return;
      const std::string text((*event)->payload.begin(), (*event)->payload.end());
      switch ((*event)->kind) {
        case Kind::text:
          log.push_back("text:" + text);
          break;
        case Kind::binary:
          log.push_back("binary:" + text);
          break;
        case Kind::ping:
          log.push_back("ping:" + text);
          break;
        case Kind::pong:
          log.push_back("pong:" + text);
          break;
        case Kind::close:
          log.push_back("close:" + std::to_string((*event)->code) + ":" + text);
          break;
      }
    }
  }

  FixedMask mask;
  WebSocketCodec codec;
  std::vector<std::string> log;
};

using Log = std::vector<std::string>;

Log received(Role role, ByteView in, std::size_t limit = 1 << 20) {
  Receiver receiver(role, limit);
  receiver.feed(in);
  return receiver.log;
}

TEST(WebSocket, AcceptKeyIsThatOfTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, ExamplesOfTheRfcDecode) {
  EXPECT_EQ(received(Role::client, hex("810548656c6c6f")), Log{"text:Hello"});
  EXPECT_EQ(received(Role::server, hex("818537fa213d7f9f4d5158")), Log{"text:Hello"});
  EXPECT_EQ(received(Role::client, hex("010348656c80026c6f")), Log{"text:Hello"});
  EXPECT_EQ(received(Role::client, hex("890548656c6c6f")), Log{"ping:Hello"});
  EXPECT_EQ(received(Role::server, hex("8a8537fa213d7f9f4d5158")), Log{"pong:Hello"});
  const Bytes big(256, 'b');
  EXPECT_EQ(received(Role::client, concat({hex("827e0100"), big})), Log{"binary:" + std::string(256, 'b')});
  const Bytes bigger(65536, 'c');
  EXPECT_EQ(received(Role::client, concat({hex("827f0000000000010000"), bigger})),
            Log{"binary:" + std::string(65536, 'c')});
}

TEST(WebSocket, ExamplesOfTheRfcEncode) {
  FixedMask mask;
  WebSocketCodec server(Role::server, mask, 1000);
  WebSocketCodec client(Role::client, mask, 1000);
  EXPECT_EQ(server.encode_text("Hello"), hex("810548656c6c6f"));
  EXPECT_EQ(client.encode_text("Hello"), hex("818537fa213d7f9f4d5158"));
  EXPECT_EQ(server.encode_ping(as_bytes("Hello")), hex("890548656c6c6f"));
  EXPECT_EQ(client.encode_pong(as_bytes("Hello")), hex("8a8537fa213d7f9f4d5158"));
  EXPECT_EQ(server.encode_binary(Bytes(256, 'b')), concat({hex("827e0100"), Bytes(256, 'b')}));
  EXPECT_EQ(server.encode_binary(Bytes(65536, 'c')),
            concat({hex("827f0000000000010000"), Bytes(65536, 'c')}));
  EXPECT_EQ(server.encode_close(1000, "bye"), hex("880503e8627965"));
  EXPECT_EQ(server.encode_close(close_code::kNoStatus, "unsaid"), hex("8800"));
}

TEST(WebSocket, AnySplitOfTheInputGivesTheSameEvents) {
  FixedMask mask;
  for (Role role : {Role::client, Role::server}) {
    WebSocketCodec sender(role == Role::client ? Role::server : Role::client, mask, 1000);
    const Bytes all =
        concat({sender.encode_text("one"), sender.encode_binary(Bytes(300, 'x')), sender.encode_ping({}),
                sender.encode_binary({}), sender.encode_close(1001, "end")});
    const Log expected = {"text:one", "binary:" + std::string(300, 'x'),
                          "ping:", "binary:", "close:1001:end"};
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      Receiver receiver(role);
      receiver.feed(ByteView(all).first(cut));
      receiver.feed(ByteView(all).subspan(cut));
      ASSERT_EQ(receiver.log, expected) << cut;
    }
    Receiver bytewise(role);
    for (std::uint8_t byte : all) bytewise.feed({&byte, 1});
    EXPECT_EQ(bytewise.log, expected);
    EXPECT_EQ(bytewise.codec.held(), 0U);
  }
}

TEST(WebSocket, ControlFramesMayComeBetweenFragments) {
  // "Hel" (text, not final), ping "p", "lo" (continuation, final)
  EXPECT_EQ(received(Role::client, hex("010348656c"
                                       "890170"
                                       "80026c6f")),
            (Log{"ping:p", "text:Hello"}));
}

TEST(WebSocket, EmptyFragmentsAreAllowed) {
  EXPECT_EQ(received(Role::client, hex("0200"
                                       "0000"
                                       "800161")),
            Log{"binary:a"});
}

TEST(WebSocket, ProtocolErrorsCloseWith1002) {
  const char* const kClientInput[] = {
      "c10548656c6c6f",          // reserved bit 1: nobody agreed on compression
      "a100",                    // reserved bit 2
      "9100",                    // reserved bit 3
      "8300",                    // unknown data opcode
      "8b00",                    // unknown control opcode
      "818537fa213d7f9f4d5158",  // masked by a server
      "8000",                    // continuation of nothing
      "010161810162",            // new message inside another
      "0900",                    // fragmented ping
      "897e007e",                // control frame with 126 bytes
      "827e0005",                // 5 written with 16 bits
      "827f0000000000000100",    // 256 written with 64 bits
      "827f8000000000000000",    // top bit of the length
      "880100",                  // close with half a code
      "880203ed",                // 1005 must not be sent
      "880203ee",                // 1006 must not be sent
      "88020063",                // 99
      "880207d0",                // 2000: reserved for extensions
  };
  for (const char* input : kClientInput) {
    EXPECT_EQ(received(Role::client, hex(input)).back(), "error:1002") << input;
  }
  EXPECT_EQ(received(Role::server, hex("810548656c6c6f")).back(), "error:1002") << "unmasked by a client";
}

TEST(WebSocket, TextThatIsNotUtf8ClosesWith1007) {
  EXPECT_EQ(received(Role::client, hex("8101ff")), Log{"error:1007"});
  EXPECT_EQ(received(Role::client, hex("880303e8ff")), Log{"error:1007"});
  // A character cut by a frame boundary is whole in the message.
  EXPECT_EQ(received(Role::client, hex("0101c3"
                                       "8001a9")),
            Log{"text:\xc3\xa9"});
  EXPECT_EQ(received(Role::client, hex("8201ff")), Log{"binary:\xff"});
}

TEST(WebSocket, MessagesOverTheLimitCloseWith1009BeforeTheirBytesCome) {
  EXPECT_EQ(received(Role::client, hex("820b"), 10), Log{"error:1009"});
  EXPECT_EQ(received(Role::client, hex("820a30313233343536373839"), 10), Log{"binary:0123456789"});
  EXPECT_EQ(received(Role::client, hex("0205303132333480063132333435"), 10), Log{"error:1009"})
      << "in fragments";
  EXPECT_EQ(received(Role::client, hex("827f7fffffffffffffff"), 10), Log{"error:1009"});
}

TEST(WebSocket, NothingCountsAfterAClose) {
  EXPECT_EQ(received(Role::client, hex("8800810548656c6c6f")), Log{"close:1005:"});
  EXPECT_EQ(received(Role::client, hex("88020bb8")), Log{"close:3000:"});
}

TEST(WebSocket, AnUnfinishedMessageIsHeldAndLetGo) {
  Receiver receiver(Role::client);
  receiver.feed(concat({hex("827e2710"), Bytes(5000, 'x')}));
  EXPECT_GE(receiver.codec.held(), 5000U);
  receiver.feed(Bytes(5000, 'x'));
  EXPECT_EQ(receiver.log.size(), 1U);
  EXPECT_EQ(receiver.codec.held(), 0U);
}

TEST(WebSocket, CloseReasonsAreCutBetweenCharacters) {
  FixedMask mask;
  WebSocketCodec server(Role::server, mask, 1000);
  std::string reason(122, 'a');
  reason += "\xc3\xa9";  // bytes 123 and 124
  EXPECT_EQ(received(Role::client, server.encode_close(1000, reason)),
            Log{"close:1000:" + std::string(122, 'a')});
}

// --- the handshake ---

HttpRequestHead parse_request(const std::string& text) {
  auto head = parse_request_head(text);
  EXPECT_TRUE(head.ok());
  return head.ok() ? *head : HttpRequestHead{};
}

TEST(WebSocketHandshake, RequestAndResponseFitEachOther) {
  SeededRandom random(7);
  auto request = websocket_request(*parse_url("wss://web.whatsapp.com/ws/chat?ED=1"),
                                   {{"Origin", "https://web.whatsapp.com"}}, random);
  ASSERT_TRUE(request.ok());
  const HttpRequestHead head = parse_request(request->text);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/ws/chat?ED=1");
  EXPECT_EQ(find_header(head.headers, "host"), "web.whatsapp.com");
  EXPECT_EQ(find_header(head.headers, "origin"), "https://web.whatsapp.com");
  EXPECT_EQ(parse_base64(*find_header(head.headers, "sec-websocket-key"))->size(), 16U);

  auto response = websocket_response(head);
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(check_websocket_response(*parse_response_head(*response), request->key).ok());
  EXPECT_EQ(check_websocket_response(*parse_response_head(*response), "b" + request->key).cause(),
            Cause::malformed);
}

TEST(WebSocketHandshake, CallersHeadersCannotBreakTheRequest) {
  SeededRandom random(7);
  const Url url = *parse_url("ws://a/");
  EXPECT_EQ(websocket_request(url, {{"X", "a\r\nY: b"}}, random).cause(), Cause::bad_input);
  EXPECT_EQ(websocket_request(url, {{"X Y", "a"}}, random).cause(), Cause::bad_input);
  EXPECT_EQ(websocket_request(url, {{"host", "b"}}, random).cause(), Cause::bad_input);
}

TEST(WebSocketHandshake, ARefusalCarriesItsStatus) {
  auto status =
      check_websocket_response(*parse_response_head("HTTP/1.1 429 Too Many Requests\r\n\r\n"), "key");
  EXPECT_EQ(status.cause(), Cause::ack_error);
  EXPECT_EQ(status.error().code, 429);
}

TEST(WebSocketHandshake, A101MustBeCompleteAndWithoutExtensions) {
  const std::string accept = "Sec-WebSocket-Accept: " + websocket_accept("key") + "\r\n";
  auto check = [](const std::string& headers) {
    return check_websocket_response(*parse_response_head("HTTP/1.1 101 X\r\n" + headers + "\r\n"), "key")
        .ok();
  };
  EXPECT_TRUE(check("Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n" + accept));
  EXPECT_FALSE(check("Connection: upgrade\r\n" + accept));
  EXPECT_FALSE(check("Upgrade: websocket\r\n" + accept));
  EXPECT_FALSE(check("Upgrade: websocket\r\nConnection: upgrade\r\n"));
  EXPECT_FALSE(
      check("Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n" +
            accept));
}

TEST(WebSocketHandshake, RequestsThatAreNoUpgradeAreRefusedWithAStatus) {
  const std::string good =
      "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  auto response = websocket_response(parse_request(good));
  ASSERT_TRUE(response.ok());
  EXPECT_NE(response->find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  EXPECT_EQ(response->find("Extensions"), std::string::npos);

  auto status_without = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    auto refused = websocket_response(parse_request(bad));
    return refused.ok() ? 101 : refused.error().code;
  };
  EXPECT_EQ(status_without("GET", "POST"), 400);
  EXPECT_EQ(status_without("Host: h\r\n", ""), 400);
  EXPECT_EQ(status_without("Upgrade: websocket\r\n", ""), 400);
  EXPECT_EQ(status_without(", Upgrade", ""), 400);
  EXPECT_EQ(status_without("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), 400);
  EXPECT_EQ(status_without("Version: 13", "Version: 8"), 426);
}

}  // namespace
}  // namespace pigeond::net
