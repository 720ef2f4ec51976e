// Files of messages: where they are, as senders say it, and the phone that is asked to upload one again.
#include "engine/messages/kinds/media.h"

#include "engine/questions/media.h"
#include "unit/engine/chat_world.h"
#include "wire/media_retry.h"

namespace pigeond::engine {
namespace {

wa_Message image() {
  wa_Message message{};
  message.has_imageMessage = true;
  auto& part = message.imageMessage;
  part.directPath = "/v/t62.7118-24/a.enc?ccb=11-4&oh=1&oe=2";
  part.mimetype = "image/jpeg";
  part.mediaKey = Bytes(32, 1);
  part.fileSHA256 = Bytes(32, 2);
  part.fileEncSHA256 = Bytes(32, 3);
  part.has_fileLength = true;
  part.fileLength = 10;
  return message;
}

Result<MediaFile> file_of(const wa_Message& message) {
  return media_file(wire::proto::encode(message));
}

TEST(MediaFileOfAMessage, IsWhatTheMessageSays) {
  const auto file = file_of(image());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->keys, "WhatsApp Image Keys");
  EXPECT_EQ(file->type, "image");
  EXPECT_EQ(file->path, "/v/t62.7118-24/a.enc?ccb=11-4&oh=1&oe=2");
  EXPECT_EQ(file->media_key, Bytes(32, 1));
  EXPECT_EQ(file->sha256, Bytes(32, 2));
  EXPECT_EQ(file->enc_sha256, Bytes(32, 3));
  EXPECT_EQ(file->length, 10u);
  EXPECT_EQ(file->mimetype, "image/jpeg");
}

TEST(MediaFileOfAMessage, IsFoundInItsWrappers) {
  wa_Message caption{};
  caption.has_documentWithCaptionMessage = true;
  caption.documentWithCaptionMessage.message = std::make_unique<wa_Message>();
  auto& document = *caption.documentWithCaptionMessage.message;
  document.has_documentMessage = true;
  auto& part = document.documentMessage;
  part.directPath = "/a";
  part.fileName = "report.pdf";
  part.mediaKey = Bytes(32, 1);
  part.fileSHA256 = part.fileEncSHA256 = Bytes(32, 2);
  const auto file = file_of(caption);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->keys, "WhatsApp Document Keys");
  EXPECT_EQ(file->filename, "report.pdf");
  EXPECT_EQ(file->mimetype, "application/octet-stream") << "none is told";
}

TEST(MediaFileOfAMessage, AnOldOneHasThePathOfItsUrlAndNeverItsHost) {
  auto message = image();
  message.imageMessage.directPath.clear();
  message.imageMessage.url = "https://elsewhere.example/d/f/a.enc?x=1";
  const auto file = file_of(message);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, "/d/f/a.enc?x=1");
}

TEST(MediaFileOfAMessage, WithNonsenseInItIsNone) {
  const auto spoilt = [](auto spoil) {
    auto message = image();
    spoil(message.imageMessage);
    const auto file = file_of(message);
    return file ? Cause::internal : file.cause();
  };
  EXPECT_EQ(spoilt([](auto& part) { part.mediaKey.pop_back(); }), Cause::malformed);
  EXPECT_EQ(spoilt([](auto& part) { part.fileSHA256.clear(); }), Cause::malformed);
  EXPECT_EQ(spoilt([](auto& part) { part.fileEncSHA256.push_back(0); }), Cause::malformed);
  EXPECT_EQ(spoilt([](auto& part) { part.directPath = "no slash"; }), Cause::malformed);
  EXPECT_EQ(spoilt([](auto& part) { part.directPath = "/a\r\nHost: b"; }), Cause::malformed);
  EXPECT_EQ(spoilt([](auto& part) { part.directPath = std::string(5000, '/'); }), Cause::malformed);
  wa_Message text{};
  text.conversation = "hello";
  EXPECT_EQ(file_of(text).cause(), Cause::not_found);
  EXPECT_FALSE(media_file(Bytes(5, 0xff)));
  auto typed = image();
  typed.imageMessage.mimetype = "text/html\r\nX-Evil: 1";
  EXPECT_EQ(file_of(typed)->mimetype, "application/octet-stream");
}

class MediaRetryTest : public ChatTest {
 protected:
  const Bytes key = Bytes(32, 9);
  std::optional<Result<std::string>> told;

  void ask() {
    MediaRetries::Wanted wanted;
    wanted.id = "M1";
    wanted.chat = jid("4922@s.whatsapp.net");
    wanted.media_key = key;
    chat->desk().media_retries.ask(wanted, [&](Result<std::string> path) { told = std::move(path); });
  }
  void answer(const std::string& path, wa_MediaRetryNotification_ResultType result, const Bytes& with) {
    wa_MediaRetryNotification said{};
    said.stanzaID = "M1";
    said.directPath = path;
    said.has_result = true;
    said.result = result;
    const Bytes iv(12, 4);
    wire::Node encrypt("encrypt"), notification("notification");
    encrypt.add(wire::Node("enc_p").body(wire::seal_media_retry_answer(with, said, iv)));
    encrypt.add(wire::Node("enc_iv").body(iv));
    notification.set("type", "mediaretry").set("id", "M1").set("from", "4911@s.whatsapp.net");
    handle(notification.add(std::move(encrypt)));
  }
};

TEST_F(MediaRetryTest, ThePhoneIsAskedAndSaysWhereTheFileIs) {
  ask();
  const wire::Node receipt = last("receipt");
  EXPECT_EQ(receipt.attr("id"), "M1");
  EXPECT_EQ(receipt.attr("type"), "server-error");
  EXPECT_EQ(receipt.attr("to"), "4911@s.whatsapp.net");
  EXPECT_EQ(receipt.child("rmr")->attr("jid"), "4922@s.whatsapp.net");
  EXPECT_EQ(receipt.child("rmr")->attr("from_me"), "false");
  const auto* encrypt = receipt.child("encrypt");
  EXPECT_TRUE(wire::open_media_retry_request(key, "M1", encrypt->child("enc_iv")->bytes(),
                                             encrypt->child("enc_p")->bytes()));
  answer("/v/new.enc?oh=1", wa_MediaRetryNotification_ResultType_SUCCESS, key);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->value(), "/v/new.enc?oh=1");
  EXPECT_EQ(last("ack").attr("type"), "mediaretry");
}

TEST_F(MediaRetryTest, WhatThePhoneHasNotOrNobodyItAnswersForIsNotFound) {
  ask();
  answer("", wa_MediaRetryNotification_ResultType_NOT_FOUND, key);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->cause(), Cause::not_found);
  told.reset();
  ask();
  now.mono += MediaRetries::kPatience;
  chat->wake();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->cause(), Cause::not_found);
  EXPECT_FALSE(chat->desk().media_retries.next_wake());
}

TEST_F(MediaRetryTest, AnAnswerThatIsSealedWithAnotherKeyIsNoPath) {
  ask();
  answer("/evil", wa_MediaRetryNotification_ResultType_SUCCESS, Bytes(32, 8));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->cause(), Cause::bad_mac);
}

TEST_F(MediaRetryTest, WhoWaitsIsToldWhenTheLinkGoes) {
  ask();
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->cause(), Cause::link_lost);
}

}  // namespace
}  // namespace pigeond::engine
