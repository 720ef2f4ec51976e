// Marking as read: who is told of it, and of what.
#include "engine/questions/seen.h"

#include <algorithm>

#include "engine/messages/desk.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class SeenTest : public ChatTest {
 protected:
  SeenTest() {
    set_privacy("all");
    greet(*alice->devices[0], kUs);
  }
  void set_privacy(const std::string& reads) {
    service.account_answers["privacy"] = [reads](const wire::Node&) {
      wire::Node privacy("privacy"), result("iq");
      privacy.add(wire::Node("category").set("name", "last").set("value", "none"));
      privacy.add(wire::Node("category").set("name", "readreceipts").set("value", reads));
      return result.add(std::move(privacy));
    };
  }
  void hear(const std::string& id) {
    handle(message(id, jid("9922@lid"), alice->devices[0]->seal(kUs, text("hi"))));
    service.sent.clear();
  }
  Result<Seen> see(const std::vector<std::string>& ids = {}, const char* chat_of = "4922@s.whatsapp.net") {
    Result<Seen> out = fail(Cause::internal, "no answer");
    mark_seen(chat->desk(), jid(chat_of), ids, {}, [&](Result<Seen> seen) { out = std::move(seen); });
    commit();
    return out;
  }
  int privacy_queries() const {
    int count = 0;
    for (const auto& query : service.account_queries)
      count += query.is("xmlns", "privacy") && query.is("type", "get");
    return count;
  }

  const wire::Jid kUs = jid("9911:7@lid");
};

TEST_F(SeenTest, OneReceiptForTheChatTellsWhatIsNotReadAndOnce) {
  for (const char* id : {"M1", "M2", "M3"}) hear(id);
  const auto seen = see({"M1", "M2", "M3", "UNKNOWN"});
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->messages.size(), 3u);
  EXPECT_EQ(seen->chat, jid("4922@s.whatsapp.net"));
  ASSERT_EQ(sent("receipt").size(), 1u);
  const auto receipt = last("receipt");
  EXPECT_EQ(receipt.attr("to"), "9922@lid");
  EXPECT_EQ(receipt.attr("type"), "read");
  EXPECT_EQ(receipt.attr("id"), "M1");
  EXPECT_EQ(receipt.child("list")->children().size(), 2u);
  EXPECT_TRUE(see()->messages.empty());
  EXPECT_EQ(sent("receipt").size(), 1u);
  EXPECT_EQ(privacy_queries(), 1) << "once on a link";
}

TEST_F(SeenTest, AnAccountThatHidesItTellsItsOwnDevicesAlone) {
  set_privacy("none");
  hear("M1");
  ASSERT_EQ(see()->messages.size(), 1u);
  EXPECT_EQ(last("receipt").attr("type"), "read-self");
}

TEST_F(SeenTest, AChangeOfTheSettingCounts) {
  hear("M1");
  EXPECT_TRUE(see().ok());
  wire::Node note("notification"), privacy("privacy");
  privacy.add(wire::Node("category").set("name", "readreceipts").set("value", "none"));
  note.set("id", "n")
      .set("type", "account_sync")
      .set("from", jid("4911@s.whatsapp.net"))
      .add(std::move(privacy));
  EXPECT_TRUE(handle(note));
  EXPECT_EQ(sent("ack").size(), 1u);
  hear("M2");
  EXPECT_TRUE(see().ok());
  EXPECT_EQ(last("receipt").attr("type"), "read-self");
  EXPECT_EQ(privacy_queries(), 1);
}

TEST_F(SeenTest, AChangeOfTheSettingHidesNothingThatIsToldBesideIt) {
  hear("M1");
  EXPECT_TRUE(see().ok());
  wire::Node note("notification"), privacy("privacy"), devices("devices");
  privacy.add(wire::Node("category").set("name", "readreceipts").set("value", "none"));
  for (const std::uint16_t device : {0, 7, 11})
    devices.add(wire::Node("device").set("jid", own->pn.with_device(device)));
  note.set("id", "n").set("type", "account_sync").set("from", own->pn);
  EXPECT_TRUE(handle(note.add(std::move(privacy)).add(std::move(devices))));
  EXPECT_EQ(sent("ack").size(), 1u);
  const auto listed = chat->desk().devices.devices(own->pn);
  ASSERT_TRUE(listed);
  EXPECT_TRUE(std::ranges::any_of(*listed, [](const auto& device) { return device.device == 11; }));
  hear("M2");
  EXPECT_TRUE(see().ok());
  EXPECT_EQ(last("receipt").attr("type"), "read-self");
}

TEST_F(SeenTest, WhereTheSettingIsNotKnownNothingIsTold) {
  hear("M1");
  service.account_answers["privacy"] = [](const wire::Node&) -> Result<wire::Node> {
    return fail(Cause::ack_error, "no", 500);
  };
  EXPECT_FALSE(see().ok());
  EXPECT_TRUE(sent("receipt").empty());
  set_privacy("all");
  EXPECT_EQ(see()->messages.size(), 1u) << "it is unread still";
}

TEST_F(SeenTest, WithoutIdsTheNewestOfAWeekCount) {
  for (int number = 0; number < 40; ++number) hear("M" + std::to_string(number));
  now.wall += kDay;
  const auto seen = see();
  ASSERT_EQ(seen->messages.size(), 30u);
  EXPECT_EQ(seen->messages.front().id, "M39");
  context->now.wall += 8 * kDay;
  EXPECT_TRUE(see()->messages.empty());
}

}  // namespace
}  // namespace pigeond::engine
