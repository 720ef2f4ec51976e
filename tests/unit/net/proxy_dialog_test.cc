// What is said to a proxy, byte by byte as the RFCs draw it.
#include "net/proxy/dialog.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::net {
namespace {

Proxy proxy(const std::string& server, const std::string& username = "", const std::string& password = "") {
  auto out = parse_proxy(server);
  EXPECT_TRUE(out) << out.error().detail;
  out->username = username;
  out->password = password;
  return *out;
}

// One that answers by hand.
struct Talk {
  Talk(Proxy at, const std::string& host, std::uint16_t port)
      : proxy(std::move(at)), dialog(proxy_dialog(proxy, host, port)) {}
  Result<bool> hears(ByteView bytes) {
    said.clear();
    rest = bytes;
    return dialog->receive(rest, said);
  }
  Result<bool> hears(std::string_view hex) { return hears(ByteView(heard = *parse_hex(hex))); }

  Proxy proxy;
  std::unique_ptr<ProxyDialog> dialog;
  Bytes heard, said;
  ByteView rest;
};

TEST(ProxyAddress, IsAHostAndAPort) {
  EXPECT_EQ(proxy("Proxy.Example:8080"), (Proxy{Proxy::Kind::http, "proxy.example", 8080, "", ""}));
  EXPECT_EQ(proxy("http://10.0.0.1:80").kind, Proxy::Kind::http);
  EXPECT_EQ(proxy("socks5://[::1]:1080"), (Proxy{Proxy::Kind::socks5, "::1", 1080, "", ""}));
  EXPECT_EQ(proxy("socks5h://s:1").kind, Proxy::Kind::socks5);
  for (const char* wrong :
       {"", "proxy.example", "socks5://h", "https://h:1", "socks4://h:1", "h:0", "h:70000", "u:p@h:1",
        "h:1/path", "h:1#x", "h:1?x", ":1", "[::1]", "a b:1", "http://", "://h:1"}) {
    const auto read = parse_proxy(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.cause(), Cause::bad_input);
    EXPECT_NE(read.error().detail.find("socks5://host:port"), std::string::npos) << read.error().detail;
  }
}

TEST(ProxyAddress, IsShownWithoutItsPassword) {
  EXPECT_EQ(proxy("h:1", "user", "secret").text(), "h:1");
  EXPECT_EQ(proxy("socks5://[::1]:1080", "user", "secret").text(), "socks5://[::1]:1080");
}

TEST(ProxyAddress, HasCredentialsThatItsKindCanCarry) {
  EXPECT_TRUE(check_proxy_username(proxy("h:1", "user", "pass:word")));
  EXPECT_FALSE(check_proxy_username(proxy("h:1", "us:er", "x"))) << "RFC 7617";
  EXPECT_TRUE(check_proxy_username(proxy("socks5://h:1", "us:er", "x")));
  EXPECT_FALSE(check_proxy_username(proxy("h:1", "", "x")));
  EXPECT_FALSE(check_proxy_password(proxy("h:1", "u", "a\r\nHost: b")));
  EXPECT_TRUE(check_proxy_password(proxy("h:1", "u", std::string(300, 'x'))));
  EXPECT_FALSE(check_proxy_password(proxy("socks5://h:1", "u", std::string(256, 'x')))) << "RFC 1929";
}

// --- HTTP ---

TEST(HttpConnect, AsksForTheNameAndThePort) {
  Talk talk(proxy("h:1"), "web.whatsapp.com", 443);
  EXPECT_EQ(as_text(talk.dialog->hello()),
            "CONNECT web.whatsapp.com:443 HTTP/1.1\r\nHost: web.whatsapp.com:443\r\n\r\n");
  Talk six(proxy("h:1"), "::1", 80);
  EXPECT_EQ(as_text(six.dialog->hello()), "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
}

TEST(HttpConnect, SendsBasicCredentialsWhereThereAreSome) {
  Talk talk(proxy("h:1", "Aladdin", "open sesame"), "x", 443);
  const Bytes hello = talk.dialog->hello();
  EXPECT_NE(as_text(hello).find("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            std::string_view::npos)
      << "the example of RFC 7617";
}

TEST(HttpConnect, IsThereAfterAny2xxWhateverItsHeadSaysOfABody) {
  for (const char* head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 204 x\r\nContent-Length: 5\r\n\r\n",
                           "HTTP/1.1 299 x\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    const std::string text = std::string(head) + "after";
    Talk talk(proxy("h:1"), "x", 443);
    const auto whole = talk.hears(as_bytes(text));
    ASSERT_TRUE(whole) << whole.error().detail;
    EXPECT_TRUE(*whole) << head;
    EXPECT_EQ(as_text(talk.rest), "after");
    Talk cut(proxy("h:1"), "x", 443);
    for (std::size_t i = 0; i < text.size() - 5; ++i) {
      const auto done = cut.hears(as_bytes(std::string_view(text).substr(i, 1)));
      ASSERT_TRUE(done);
      EXPECT_EQ(*done, i == text.size() - 6) << i;
    }
  }
}

TEST(HttpConnect, SaysWhatTheProxyRefuses) {
  const auto refusal = [](const Proxy& at, std::string_view head) {
    Talk talk(at, "web.whatsapp.com", 443);
    const auto done = talk.hears(as_bytes(head));
    EXPECT_FALSE(done);
    EXPECT_EQ(done.cause(), Cause::proxy);
    return done ? Error{} : done.error();
  };
  const auto wants = refusal(proxy("h:1"), "HTTP/1.1 407 x\r\n\r\n");
  EXPECT_EQ(wants.detail, "the proxy h:1 wants a user name and a password (HTTP 407)");
  EXPECT_EQ(wants.code, 407);
  EXPECT_EQ(refusal(proxy("h:1", "u", "secret"), "HTTP/1.1 407 x\r\n\r\n").detail,
            "the proxy h:1 refuses the user name or password (HTTP 407)");
  EXPECT_EQ(refusal(proxy("h:1"), "HTTP/1.1 403 x\r\n\r\n").detail,
            "the proxy h:1 refuses a connection to web.whatsapp.com:443 (HTTP 403)");
  EXPECT_NE(refusal(proxy("h:1"), "SSH-2.0-x\r\n\r\n").detail.find("does not answer as an HTTP proxy"),
            std::string::npos);
}

TEST(HttpConnect, EndsWithAnAnswerThatHasNoEnd) {
  Talk talk(proxy("h:1"), "x", 443);
  const std::string head = "HTTP/1.1 200 OK\r\n", line = "X: " + std::string(997, 'x') + "\r\n";
  ASSERT_TRUE(talk.hears(as_bytes(head)));
  bool ended = false;
  for (std::size_t sent = 0; sent < 2 * limits::kHttpHead && !ended; sent += line.size())
    ended = !talk.hears(as_bytes(line)).ok();
  EXPECT_TRUE(ended);
  Talk interim(proxy("h:1"), "x", 443);
  ended = false;
  for (int i = 0; i < 40 && !ended; ++i) ended = !interim.hears(as_bytes("HTTP/1.1 102 x\r\n\r\n")).ok();
  EXPECT_TRUE(ended);
}

// --- SOCKS5 ---

TEST(Socks5, IsToldTheNameAndLooksItUpItself) {
  Talk talk(proxy("socks5://h:1"), "web.whatsapp.com", 443);
  EXPECT_EQ(hex_lower(talk.dialog->hello()), "050100");
  ASSERT_TRUE(talk.hears("0500"));
  EXPECT_EQ(hex_lower(talk.said),
            "050100"
            "03"
            "10" +
                hex_lower(as_bytes("web.whatsapp.com")) + "01bb");
  const auto done = talk.hears(
      "05000001"
      "7f000001"
      "0050"
      "aabb");
  ASSERT_TRUE(done);
  EXPECT_TRUE(*done);
  EXPECT_EQ(hex_lower(talk.rest), "aabb");
}

TEST(Socks5, IsToldAddressesAsSuch) {
  Talk four(proxy("socks5://h:1"), "192.0.2.7", 4080);
  ASSERT_TRUE(four.hears("0500"));
  EXPECT_EQ(hex_lower(four.said),
            "05010001"
            "c0000207"
            "0ff0");
  Talk six(proxy("socks5://h:1"), "2001:db8::1", 443);
  ASSERT_TRUE(six.hears("0500"));
  EXPECT_EQ(hex_lower(six.said),
            "05010004"
            "20010db8000000000000000000000001"
            "01bb");
}

TEST(Socks5, GivesThePasswordOnlyToWhoAsksForIt) {
  Talk talk(proxy("socks5://h:1", "user", "secret"), "x", 443);
  EXPECT_EQ(hex_lower(talk.dialog->hello()), "05020002");
  ASSERT_TRUE(talk.hears("0502"));
  EXPECT_EQ(hex_lower(talk.said),
            "01"
            "04"
            "75736572"
            "06"
            "736563726574");
  ASSERT_TRUE(talk.hears("0100"));
  EXPECT_EQ(hex_lower(talk.said).substr(0, 8), "05010003");
  Talk open(proxy("socks5://h:1", "user", "secret"), "x", 443);
  ASSERT_TRUE(open.hears("0500"));
  EXPECT_EQ(hex_lower(open.said).substr(0, 8), "05010003");
}

TEST(Socks5, TakesRepliesWithEachFormOfAddressHoweverTheyAreCut) {
  for (const char* reply : {"05000001"
                            "01020304"
                            "0001",
                            "05000003"
                            "03"
                            "616263"
                            "0001",
                            "05000003"
                            "00"
                            "0001",
                            "05000004"
                            "00000000000000000000000000000000"
                            "0001"}) {
    const std::string text = std::string("0500") + reply + "99";
    const Bytes bytes = *parse_hex(text);
    Talk cut(proxy("socks5://h:1"), "x", 443);
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      const auto done = cut.hears(ByteView(bytes).subspan(i, 1));
      ASSERT_TRUE(done) << reply;
      EXPECT_EQ(*done, i + 2 == bytes.size()) << reply << " " << i;
    }
    Talk whole(proxy("socks5://h:1"), "x", 443);
    const auto done = whole.hears(ByteView(bytes));
    ASSERT_TRUE(done);
    EXPECT_TRUE(*done);
    EXPECT_EQ(hex_lower(whole.rest), "99");
  }
}

TEST(Socks5, SaysWhatTheProxyRefuses) {
  const auto refusal = [](const Proxy& at, std::string_view hex) {
    Talk talk(at, "web.whatsapp.com", 443);
    const auto done = talk.hears(hex);
    EXPECT_FALSE(done) << hex;
    EXPECT_EQ(done.cause(), Cause::proxy);
    return done ? Error{} : done.error();
  };
  const Proxy open = proxy("socks5://h:1"), closed = proxy("socks5://h:1", "user", "secret");
  const auto denied = refusal(open,
                              "0500"
                              "05020001000000000000");
  EXPECT_EQ(denied.detail,
            "the proxy socks5://h:1 refuses a connection to web.whatsapp.com:443: not allowed by its rules");
  EXPECT_EQ(denied.code, 2);
  EXPECT_NE(refusal(open,
                    "0500"
                    "05770001000000000000")
                .detail.find("reply 119"),
            std::string::npos);
  EXPECT_NE(refusal(open, "05ff").detail.find("wants a user name and a password"), std::string::npos);
  EXPECT_NE(refusal(open, "0502").detail.find("not offered"), std::string::npos);
  EXPECT_NE(refusal(closed,
                    "0502"
                    "0101")
                .detail.find("refuses the user name or password"),
            std::string::npos);
  EXPECT_EQ(refusal(closed,
                    "0502"
                    "0101")
                .detail.find("secret"),
            std::string::npos);
  EXPECT_NE(refusal(open, "4854").detail.find("does not answer as a SOCKS5 proxy"), std::string::npos);
  EXPECT_NE(refusal(open,
                    "0500"
                    "04000001000000000000")
                .detail.find("version 4"),
            std::string::npos);
  EXPECT_NE(refusal(open,
                    "0500"
                    "0500000900000000")
                .detail.find("no known type"),
            std::string::npos);
}

}  // namespace
}  // namespace pigeond::net
