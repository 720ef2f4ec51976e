// Messages that a companion gets without their contents, and devices of which nobody has heard.
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class EmptyMessages : public SandboxTest {
 protected:
  void fault(FaultKind kind, const std::string& type = {}) {
    Fault wanted;
    wanted.kind = kind;
    wanted.type = type;
    wanted.account = kAlice;
    wanted.device = 1;
    wanted.count = 1;
    service->add_fault(now, wanted);
  }
  std::string say(const std::string& words) {
    auto id = service->send_text(now, kBob, kAlice, words, "");
    EXPECT_TRUE(id);
    pump();
    return *id;
  }
  // As a companion asks its phone for a message that it did not get.
  wire::Node request(ScriptedClient& who, const std::string& id, const std::string& chat) {
    wa_Message message{};
    message.has_protocolMessage = message.protocolMessage.has_type = true;
    message.protocolMessage.type = wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_MESSAGE;
    message.protocolMessage.has_peerDataOperationRequestMessage = true;
    auto& asked = message.protocolMessage.peerDataOperationRequestMessage;
    asked.has_peerDataOperationRequestType = true;
    asked.peerDataOperationRequestType = wa_PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND;
    auto& wanted = asked.placeholderMessageResendRequest.emplace_back();
    wanted.has_messageKey = true;
    wanted.messageKey.id = id;
    wanted.messageKey.remoteJID = chat;
    start_sessions(who, alice());
    wire::Node enc = who.encrypt(alice(), wire::proto::encode(message)), stanza("message");
    const bool pkmsg = enc.is("type", "pkmsg");
    stanza.set("id", "ASK-" + id).set("to", alice()).set("type", "text").set("category", "peer");
    stanza.add(std::move(enc));
    if (pkmsg) stanza.add(wire::Node("device-identity").body(ByteView(who.device_identity)));
    return stanza;
  }
  // What the phone said to the last request.
  std::optional<wa_WebMessageInfo> answer(ScriptedClient& who) {
    const wire::Node* stanza = who.last("message");
    if (stanza == nullptr || !stanza->is("category", "peer")) return std::nullopt;
    const wire::Node* enc = stanza->child("enc");
    const auto kind = enc->is("type", "pkmsg") ? signal::Kind::pkmsg : signal::Kind::msg;
    const auto plain = who.sessions.decrypt(who.address(*stanza->jid("from")), kind, enc->bytes());
    if (!plain) return std::nullopt;
    const auto message = wire::proto::decode<wa_Message>(*unpad(*plain));
    const auto& said = message->protocolMessage.peerDataOperationRequestResponseMessage;
    EXPECT_TRUE(said.stanzaID.starts_with("ASK-"));
    auto info = wire::proto::decode<wa_WebMessageInfo>(
        said.peerDataOperationResult.at(0).placeholderMessageResendResponse.webMessageInfoBytes);
    if (!info) return std::nullopt;
    return std::move(*info);
  }
};

TEST_F(EmptyMessages, SayWhyTheyAreEmptyOrNothingAndThePhoneHasThem) {
  ScriptedClient& who = linked(kAlice);
  const std::vector<std::pair<std::string, std::string>> looks = {
      {"", "<unavailable/>"},
      {"bare", ""},
      {"view_once", "<unavailable type=\"view_once\"/>"},
      {"hosted", "<unavailable hosted=\"true\"/>"},
      {"bot", "<unavailable/><bot/>"}};
  for (const auto& [type, look] : looks) {
    fault(FaultKind::unavailable, type);
    const std::string id = say("for the phone");
    const wire::Node* stanza = who.last("message");
    ASSERT_TRUE(stanza->is("id", id));
    std::string inside;
    for (const auto& child : stanza->children()) inside += wire::to_xml(child);
    EXPECT_EQ(inside, look);
    EXPECT_EQ(service->phone(kAlice)->log().find(id)->text, "for the phone");
  }
  say("whole");
  EXPECT_EQ(who.read(*who.last("message")), "whole");
}

TEST_F(EmptyMessages, GetTheirContentUnderTheSameIdWhenItIsReleasedOrWithTheNextLogin) {
  ScriptedClient& who = linked(kAlice);
  for (const bool live : {true, false}) {
    fault(FaultKind::withheld);
    const std::string id = say("late");
    EXPECT_EQ(who.last("message")->child("enc"), nullptr);
    if (live) {
      ASSERT_TRUE(service->release_withheld(now, kAlice));
      pump();
    } else {
      who.disconnect();
      log_in(who);
    }
    ASSERT_TRUE(who.last("message")->is("id", id));
    EXPECT_EQ(who.read(*who.last("message")), "late");
    for (const auto& message : who.all("message")) send(who, who.receipt(message));
  }
}

TEST_F(EmptyMessages, AreGivenByThePhoneUnderTheChatsNumber) {
  ScriptedClient& who = linked(kAlice);
  fault(FaultKind::unavailable);
  const std::string id = say("for the phone");
  send(who, request(who, id, service->world().account(kBob)->jid(Form::lid).text()));
  const auto info = answer(who);
  ASSERT_TRUE(info && info->message);
  EXPECT_EQ(info->message->conversation, "for the phone");
  EXPECT_EQ(info->key.remoteJID, bob().text());
  EXPECT_EQ(info->key.id, id);
  EXPECT_FALSE(info->key.fromMe);
  send(who, request(who, "UNKNOWN", bob().text()));
  const auto none = answer(who);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->message) << "a phone that has it not says so";
  EXPECT_TRUE(rules().empty());
}

TEST_F(EmptyMessages, MustBeNamedByWhoAsksForThem) {
  ScriptedClient& who = linked(kAlice);
  send(who, request(who, "", bob().text()));
  EXPECT_TRUE(broke("placeholder-request"));
}

TEST_F(EmptyMessages, ADeviceThatNobodyAnnouncedGetsACopyThatItCantReadUntilItIsKnown) {
  ScriptedClient& who = linked(kAlice);
  send(who, text(who, "M1", bob(), "one"));
  (void)ask(who, who.iq("get", "usync",
                        wire::Node("usync")
                            .set("sid", "1")
                            .add(wire::Node("query").add(wire::Node("devices")))
                            .add(wire::Node("list").add(wire::Node("user").set("jid", bob())))));
  Fault wanted;
  wanted.kind = FaultKind::unannounced;
  wanted.account = kBob;
  wanted.count = 1;
  service->add_fault(now, wanted);
  who.received.clear();
  ScriptedClient& unheard = linked(kBob);
  EXPECT_TRUE(who.all("notification").empty());
  // As a client that knows of the phone alone.
  wire::Node stanza = text(who, "M2", bob(), "two");
  wire::Node known("participants");
  for (const auto& to : stanza.child("participants")->children())
    if (to.jid("jid") != bob(1)) known.add(to);
  wire::Node sent("message");
  sent.set("id", "M2").set("to", bob()).set("type", "text").add(std::move(known));
  for (const auto& child : stanza.children())
    if (child.tag == "device-identity") sent.add(child);
  send(who, sent);
  EXPECT_TRUE(who.last("ack")->is("id", "M2"));
  EXPECT_FALSE(who.last("ack")->has("phash"));
  ASSERT_NE(unheard.last("message"), nullptr);
  EXPECT_TRUE(unheard.read(*unheard.last("message")).starts_with("cannot decrypt"));
}

}  // namespace
}  // namespace pigeond::sandbox
