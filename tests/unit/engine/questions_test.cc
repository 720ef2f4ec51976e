// Questions to the service: what goes out, and what its answers are taken for.
#include "engine/messages/desk.h"
#include "engine/questions/about.h"
#include "engine/questions/picture.h"
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

class PictureQuestion : public ChatTest {
 protected:
  Result<Picture> ask(const std::string& of, Result<wire::Node> answer) {
    service.account_answers["w:profile:picture"] = [&](const wire::Node&) { return answer; };
    std::optional<Result<Picture>> told;
    ask_picture(chat->desk(), jid(of), [&](Result<Picture> picture) { told = std::move(picture); });
    EXPECT_TRUE(told);
    return told.value_or(fail(Cause::internal));
  }
  const wire::Node& asked() { return service.account_queries.back(); }
};

TEST_F(PictureQuestion, ShowsTheAddressAndNothingOfWhatIsHidden) {
  wire::Node picture("picture"), result("iq");
  picture.set("url", "https://pps.whatsapp.net/v/1.jpg").set("id", "17");
  result.add(std::move(picture));
  const auto told = ask("4922@s.whatsapp.net", result);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->url, "https://pps.whatsapp.net/v/1.jpg");
  EXPECT_EQ(told->id, "17");
  EXPECT_EQ(asked().attr("target"), "4922@s.whatsapp.net");
  EXPECT_EQ(asked().child("picture")->attr("query"), "url");
  for (const int code : {401, 404}) {
    const auto none = ask("4922@s.whatsapp.net", fail(Cause::ack_error, "", code));
    ASSERT_TRUE(none) << code;
    EXPECT_EQ(none->url, "");
  }
  EXPECT_TRUE(ask("4922@s.whatsapp.net", wire::Node("iq")));
  EXPECT_EQ(ask("4922@s.whatsapp.net", fail(Cause::ack_error, "", 429)).error().code, 429);
}

TEST_F(PictureQuestion, AContactsTokenGoesAlongButNeverForOurOwn) {
  wire::Node token("token"), tokens("tokens"), note("notification");
  token.set("jid", jid("4922@s.whatsapp.net")).set("t", std::to_string(context->server_seconds()));
  token.set("type", "trusted_contact").body(as_bytes("secret"));
  tokens.add(std::move(token));
  note.set("type", "privacy_token").set("from", jid("4922@s.whatsapp.net")).add(std::move(tokens));
  chat->desk().tokens.given(note);
  static_cast<void>(ask("4922@s.whatsapp.net", wire::Node("iq")));
  ASSERT_NE(asked().path({"picture", "tctoken"}), nullptr);
  EXPECT_EQ(asked().path({"picture", "tctoken"})->text(), "secret");
  static_cast<void>(ask("4911@s.whatsapp.net", wire::Node("iq")));
  EXPECT_EQ(asked().path({"picture", "tctoken"}), nullptr);
  static_cast<void>(ask("12-34@g.us", wire::Node("iq")));
  EXPECT_EQ(asked().path({"picture", "tctoken"}), nullptr);
}

}  // namespace
}  // namespace pigeond::engine
