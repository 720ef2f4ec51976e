#include "gateway/client_version/service_worker.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

// Forms that Baileys, whatsmeow and whatsapp-rust read, and that of our own service.
TEST(ServiceWorker, TheRevisionIsFoundHoweverItIsQuoted) {
  EXPECT_EQ(revision_in(R"({"client_revision":1026131876})"), 1026131876u);
  EXPECT_EQ(revision_in(R"(var x = {"client_revision": "1026131876"};)"), 1026131876u);
  EXPECT_EQ(revision_in(R"(parse("{\"a\":1,\"client_revision\":1026131876,\"b\":2}"))"), 1026131876u);
  EXPECT_EQ(revision_in(R"("{\\\"client_revision\\\":1026131876}")"), 1026131876u);
  EXPECT_EQ(revision_in("client_revision:1026131876;"), 1026131876u);
  EXPECT_EQ(revision_in(std::string(1 << 20, '"') + R"(\"client_revision\":1047769893,)"), 1047769893u);
}

TEST(ServiceWorker, WhatIsNoRevisionIsPassedBy) {
  EXPECT_EQ(revision_in(""), std::nullopt);
  EXPECT_EQ(revision_in("<html>error</html>"), std::nullopt);
  EXPECT_EQ(revision_in(R"({\"server_revision\":1047769893})"), std::nullopt);
  EXPECT_EQ(revision_in("client_revision 1026131876;"), std::nullopt) << "nothing says that it is its value";
  EXPECT_EQ(revision_in("client_revision:null,id:1026131876;"), std::nullopt);
  EXPECT_EQ(revision_in("client_revision:          1026131876;"), std::nullopt);
  EXPECT_EQ(revision_in("client_revision:1026131876"), std::nullopt) << "it may be cut off";
  EXPECT_EQ(revision_in("client_revision:10261318.76;"), std::nullopt);
  for (const char* number : {"0", "7", "999999999", "2000000000", "10261318760", "99999999999999999999999"})
    EXPECT_EQ(revision_in("client_revision:" + std::string(number) + ";"), std::nullopt) << number;
  EXPECT_EQ(revision_in("client_revision:7;\"client_revision\":1026131876;"), 1026131876u);
}

}  // namespace
}  // namespace pigeond::gateway
