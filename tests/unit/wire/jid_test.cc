#include "wire/jid.h"

#include <gtest/gtest.h>

namespace pigeond::wire {
namespace {

TEST(Jid, TextAndBack) {
  for (const char* text :
       {"551199887766@s.whatsapp.net", "551199887766:5@s.whatsapp.net", "236395184570386:39@lid",
        "123-456@g.us", "120363012345678901@g.us", "status@broadcast", "120363144038483540@newsletter",
        "0@c.us", "5511:99@hosted", "867051314767696@bot", "1234567890:258@msgr", "21-1234567890:2@interop",
        "s.whatsapp.net", "g.us", "call", "someone@a.server.of.tomorrow"}) {
    const auto jid = parse_jid(text);
    ASSERT_TRUE(jid) << text;
    EXPECT_EQ(jid->text(), text);
  }
}

TEST(Jid, TakesAddressesApart) {
  EXPECT_EQ(*parse_jid("5511:65535@s.whatsapp.net"), pn("5511", 65535));
  EXPECT_EQ(*parse_jid("5511:0@s.whatsapp.net"), pn("5511"));
  EXPECT_EQ(*parse_jid("4711@lid"), lid("4711"));
  EXPECT_EQ(*parse_jid("s.whatsapp.net"), service());
  EXPECT_EQ(*parse_jid("21-7:2@interop"), (Jid{"7", "interop", 2, 21}));
}

TEST(Jid, DropsTheAgentOfUserAddresses) {
  EXPECT_EQ(*parse_jid("5511.0:7@s.whatsapp.net"), pn("5511", 7));
  EXPECT_EQ(*parse_jid("4711.1:7@lid"), lid("4711", 7));
  EXPECT_EQ(*parse_jid("12345.6789:25@lid"), lid("12345.6789", 25));  // no agent has that many digits
  EXPECT_EQ(parse_jid("a.1:7@elsewhere")->user, "a.1");
}

TEST(Jid, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           "@",
                           "@lid",
                           "user@",
                           "a@b@c",
                           "5511:@s.whatsapp.net",
                           "5511:x@s.whatsapp.net",
                           "5511:-1@s.whatsapp.net",
                           "5511:65536@s.whatsapp.net",
                           "5511:1:2@s.whatsapp.net",
                           ":5@lid",
                           ".1:5@lid:",
                           "5511",
                           "hello",
                           "a b@lid",
                           "a\n@lid",
                           "x@s.whatsapp.net:5",
                           "x-1@interop",
                           "65536-1@interop",
                           "1-@interop"})
    EXPECT_FALSE(parse_jid(text)) << text;
  EXPECT_FALSE(parse_jid(std::string_view("a\0b@lid", 7)));
}

TEST(Jid, TellsWhatAnAddressIsFor) {
  EXPECT_TRUE(pn("1").is_pn());
  EXPECT_TRUE(pn("1").is_user());
  EXPECT_FALSE(service().is_pn());
  EXPECT_TRUE(lid("1").is_user());
  EXPECT_TRUE(parse_jid("1@g.us")->is_group());
  EXPECT_TRUE(parse_jid("status@broadcast")->is_status());
  EXPECT_FALSE(parse_jid("1@broadcast")->is_status());
  EXPECT_TRUE(parse_jid("1@newsletter")->is_newsletter());
  EXPECT_TRUE(pn("1", 99).is_hosted());
  EXPECT_TRUE(parse_jid("1@hosted.lid")->is_hosted());
  EXPECT_TRUE(Jid().empty());
}

TEST(Jid, KnowsBots) {
  EXPECT_TRUE(parse_jid("867051314767696@bot")->is_bot());
  EXPECT_TRUE(pn("13135550002").is_bot());
  EXPECT_TRUE(pn("13165550099").is_bot());
  EXPECT_FALSE(pn("13135550002", 3).is_bot());
  EXPECT_FALSE(pn("1313555000").is_bot());
  EXPECT_FALSE(pn("13165551000").is_bot());
}

TEST(Jid, DevicesOfOneUserAreTheSameUser) {
  EXPECT_TRUE(pn("1", 5).same_user(pn("1")));
  EXPECT_FALSE(pn("1").same_user(lid("1")));
  EXPECT_EQ(pn("1", 5).without_device(), pn("1"));
  EXPECT_EQ(pn("1").with_device(5), pn("1", 5));
}

}  // namespace
}  // namespace pigeond::wire
