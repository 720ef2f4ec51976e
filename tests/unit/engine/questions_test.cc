// Questions to the service: what goes out, and what its answers are taken for.
#include "engine/questions/about.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class Questions : public ChatTest {
 protected:
  // The answer of a usync about one user, with these children.
  static wire::Node about_user(std::vector<wire::Node> children) {
    wire::Node user("user"), list("list"), usync("usync"), result("iq");
    user.set("jid", jid("4922@s.whatsapp.net"));
    for (auto& child : children) user.add(std::move(child));
    list.add(std::move(user));
    usync.add(std::move(list));
    result.add(std::move(usync));
    return result;
  }
  Result<About> about(std::vector<wire::Node> children) {
    std::optional<Result<About>> told;
    service.usync_answer = about_user(std::move(children));
    ask_about(chat->desk(), jid("4922@s.whatsapp.net"),
              [&](Result<About> answer) { told = std::move(answer); });
    EXPECT_TRUE(told);
    return told.value_or(fail(Cause::internal));
  }
};

TEST_F(Questions, AboutIsWhatIsSaidAndNotWhatIsHidden) {
  wire::Node said("status"), hidden("status"), garbled("status");
  said.body(as_bytes("At the dovecote"));
  hidden.set("code", "401");
  garbled.body(as_bytes("\xff\xfe"));
  const auto told = about({said});
  ASSERT_TRUE(told);
  EXPECT_EQ(told->text, "At the dovecote");
  for (const auto& node : {hidden, garbled, wire::Node("status")}) {
    const auto nothing = about({node});
    ASSERT_TRUE(nothing);
    EXPECT_EQ(nothing->text, std::nullopt);
  }
  const auto& query = service.queries.back();
  EXPECT_TRUE(query.path({"usync"})->is("context", "interactive"));
  EXPECT_NE(query.path({"usync", "query", "status"}), nullptr);
  EXPECT_EQ(query.path({"usync", "list", "user"})->attr("jid"), "4922@s.whatsapp.net");
}

TEST_F(Questions, AboutNobodySaysSo) {
  const auto told = about({});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.cause(), Cause::not_on_whatsapp);
}

TEST_F(Questions, AQuestionWithoutALinkIsAnsweredAtOnce) {
  service.is_online = false;
  const auto told = about({});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.cause(), Cause::link_lost);
}

}  // namespace
}  // namespace pigeond::engine
