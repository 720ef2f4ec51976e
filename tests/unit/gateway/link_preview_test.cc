#include <gtest/gtest.h>

#include "gateway/previews/links.h"
#include "gateway/previews/page.h"

namespace pigeond::gateway {
namespace {

TEST(FirstLink, IsTheFirstWebAddressOfAText) {
  EXPECT_EQ(first_link("no link"), "");
  EXPECT_EQ(first_link("see https://a.example/x?y=1#z, or http://b.example"), "https://a.example/x?y=1#z");
  EXPECT_EQ(first_link("(https://a.example/b_(c))."), "https://a.example/b_(c)");
  EXPECT_EQ(first_link("<https://a.example>"), "https://a.example");
  EXPECT_EQ(first_link("http:/a http://"), "");
  EXPECT_EQ(first_link("ftp://a.example httpx://b.example"), "");
  EXPECT_EQ(first_link("https://" + std::string(5000, 'a')), "");
}

TEST(Redirected, FollowsWholeAddressesAndPaths) {
  const auto from = [](const char* to) { return redirected("https://a.example/b/c?d=/e", to); };
  EXPECT_EQ(from("http://x.example/y#z"), "http://x.example/y");
  EXPECT_EQ(from("//x.example/y"), "https://x.example/y");
  EXPECT_EQ(from("/y"), "https://a.example/y");
  EXPECT_EQ(from("y"), "https://a.example/b/y");
  EXPECT_EQ(redirected("https://a.example", "y"), "https://a.example/y");
  for (const char* nowhere :
       {"", "#x", "file:///etc/passwd", "ftp://x.example/", "http://", "/a b", "/a\r\nX: y"})
    EXPECT_EQ(from(nowhere), "") << nowhere;
}

TEST(Page, SaysItsTitleAndDescription) {
  const auto words = read_page(
      "<!doctype html><html><head><title>Old &amp; new</title>"
      "<meta property=\"og:title\" content='Lamps &#39;n&#x27; more'>"
      "<meta content=\"Brass,\n  and  glass\" name=description></head><body>",
      false);
  EXPECT_EQ(words.title, "Lamps 'n' more");
  EXPECT_EQ(words.description, "Brass, and glass");
  EXPECT_EQ(read_page("<TITLE lang=en>\n A &unknown; b </TITLE>", false).title, "A &unknown; b");
}

TEST(Page, WhatStandsInScriptsCommentsAndBodiesIsNoTitle) {
  EXPECT_EQ(read_page("<script>\"<title>x</title>\"</script><!-- <title>y</title> --><title>z</title>", false)
                .title,
            "z");
  EXPECT_EQ(read_page("<head></head><body><title>x</title>", false).title, "");
  EXPECT_EQ(read_page("<meta property='a>b' content=x><title>z</title>", false).title, "z");
}

TEST(Page, IsCutToSizeBetweenCharacters) {
  std::string long_title = "<title>";
  for (int i = 0; i < 5000; ++i) long_title += "\xc3\xa4";
  const auto words = read_page(long_title, false);
  EXPECT_EQ(words.title.size(), kPageTitle);
  EXPECT_EQ(words.title.substr(kPageTitle - 2), "\xc3\xa4");
}

TEST(Page, IsUtf8OrNothing) {
  EXPECT_EQ(read_page("<title>\xe4</title>", false).title, "");
  EXPECT_EQ(read_page("<title>\xe4</title>", true).title, "\xc3\xa4");
  EXPECT_EQ(read_page("<title>a&#0;&#xd800;&#99999999;b</title>", false).title, "a&#0;b")
      << "what stands for no character";
}

}  // namespace
}  // namespace pigeond::gateway
