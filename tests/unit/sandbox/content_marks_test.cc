#include "sandbox/messages/content_marks.h"

#include <gtest/gtest.h>

namespace pigeond::sandbox {
namespace {

wire::Node message(const std::string& type, const std::string& media_type, bool business) {
  wire::Node node("message"), participants("participants"), to("to"), enc("enc");
  enc.set("mediatype", media_type);
  to.add(std::move(enc));
  participants.add(std::move(to));
  node.set("type", type);
  node.add(std::move(participants));
  if (business) node.add(wire::Node("biz"));
  return node;
}

TEST(ContentMarks, AreThoseThatClientsSend) {
  for (const char* type :
       {"", "url", "vcard", "contact_array", "location", "livelocation", "buttons_response"})
    EXPECT_FALSE(wrong_mark(message("media", type, false))) << type;
  EXPECT_FALSE(wrong_mark(message("text", "", true)));
}

TEST(ContentMarks, ABusinessMessageIsATextAndNothingElse) {
  EXPECT_EQ(wrong_mark(message("media", "", true))->rule, "biz-on-media");
  EXPECT_EQ(wrong_mark(message("text", "list", true))->rule, "biz-on-media");
}

TEST(ContentMarks, AnUnknownMediaTypeIsWrong) {
  EXPECT_EQ(wrong_mark(message("media", "hologram", false))->rule, "mediatype-unknown");
}

}  // namespace
}  // namespace pigeond::sandbox
