#include "wire/proto.h"

#include <gtest/gtest.h>

#include <map>

#include "base/limits.h"
#include "vectors.h"

namespace pigeond::wire::proto {
namespace {

using test::hex;

// Decodes and encodes again; the message type is chosen by its name in wa.proto.
using Recode = Result<Bytes> (*)(ByteView);

template <typename Message>
Result<Bytes> recode(ByteView bytes) {
  PIGEOND_TRY(const auto message, decode<Message>(bytes));
  return encode(message);
}

const std::map<std::string, Recode>& messages() {
  static const std::map<std::string, Recode> kMessages = {
      {"HandshakeMessage", recode<wa_HandshakeMessage>},
      {"ClientPayload", recode<wa_ClientPayload>},
      {"NoiseCertificate", recode<wa_NoiseCertificate>},
      {"CertChain", recode<wa_CertChain>},
      {"ADVKeyIndexList", recode<wa_ADVKeyIndexList>},
      {"ADVSignedKeyIndexList", recode<wa_ADVSignedKeyIndexList>},
      {"ADVDeviceIdentity", recode<wa_ADVDeviceIdentity>},
      {"ADVSignedDeviceIdentity", recode<wa_ADVSignedDeviceIdentity>},
      {"ADVSignedDeviceIdentityHMAC", recode<wa_ADVSignedDeviceIdentityHMAC>},
      {"DeviceProps", recode<wa_DeviceProps>},
      {"ClientPairingProps", recode<wa_ClientPairingProps>},
      {"MessageKey", recode<wa_MessageKey>},
      {"Message", recode<wa_Message>},
      {"FutureProofMessage", recode<wa_FutureProofMessage>},
      {"DeviceSentMessage", recode<wa_DeviceSentMessage>},
      {"SenderKeyDistributionMessage", recode<wa_SenderKeyDistributionMessage>},
      {"MessageContextInfo", recode<wa_MessageContextInfo>},
      {"DeviceListMetadata", recode<wa_DeviceListMetadata>},
      {"ContextInfo", recode<wa_ContextInfo>},
      {"DisappearingMode", recode<wa_DisappearingMode>},
      {"GroupMention", recode<wa_GroupMention>},
      {"ExtendedTextMessage", recode<wa_ExtendedTextMessage>},
      {"ImageMessage", recode<wa_ImageMessage>},
      {"VideoMessage", recode<wa_VideoMessage>},
      {"AudioMessage", recode<wa_AudioMessage>},
      {"DocumentMessage", recode<wa_DocumentMessage>},
      {"StickerMessage", recode<wa_StickerMessage>},
      {"ContactMessage", recode<wa_ContactMessage>},
      {"ContactsArrayMessage", recode<wa_ContactsArrayMessage>},
      {"LocationMessage", recode<wa_LocationMessage>},
      {"LiveLocationMessage", recode<wa_LiveLocationMessage>},
      {"ReactionMessage", recode<wa_ReactionMessage>},
      {"EncReactionMessage", recode<wa_EncReactionMessage>},
      {"PollCreationMessage", recode<wa_PollCreationMessage>},
      {"PollUpdateMessage", recode<wa_PollUpdateMessage>},
      {"PollEncValue", recode<wa_PollEncValue>},
      {"PollUpdateMessageMetadata", recode<wa_PollUpdateMessageMetadata>},
      {"ListResponseMessage", recode<wa_ListResponseMessage>},
      {"ButtonsResponseMessage", recode<wa_ButtonsResponseMessage>},
      {"TemplateButtonReplyMessage", recode<wa_TemplateButtonReplyMessage>},
      {"GroupInviteMessage", recode<wa_GroupInviteMessage>},
      {"PinInChatMessage", recode<wa_PinInChatMessage>},
      {"KeepInChatMessage", recode<wa_KeepInChatMessage>},
      {"ProtocolMessage", recode<wa_ProtocolMessage>},
      {"LIDMigrationMappingSyncMessage", recode<wa_LIDMigrationMappingSyncMessage>},
      {"LIDMigrationMappingSyncPayload", recode<wa_LIDMigrationMappingSyncPayload>},
      {"LIDMigrationMapping", recode<wa_LIDMigrationMapping>},
      {"HistorySyncNotification", recode<wa_HistorySyncNotification>},
      {"AppStateSyncKeyShare", recode<wa_AppStateSyncKeyShare>},
      {"AppStateSyncKey", recode<wa_AppStateSyncKey>},
      {"AppStateSyncKeyId", recode<wa_AppStateSyncKeyId>},
      {"AppStateSyncKeyData", recode<wa_AppStateSyncKeyData>},
      {"AppStateSyncKeyFingerprint", recode<wa_AppStateSyncKeyFingerprint>},
      {"AppStateSyncKeyRequest", recode<wa_AppStateSyncKeyRequest>},
      {"InitialSecurityNotificationSettingSync", recode<wa_InitialSecurityNotificationSettingSync>},
      {"PeerDataOperationRequestMessage", recode<wa_PeerDataOperationRequestMessage>},
      {"PeerDataOperationRequestResponseMessage", recode<wa_PeerDataOperationRequestResponseMessage>},
      {"ServerErrorReceipt", recode<wa_ServerErrorReceipt>},
      {"MediaRetryNotification", recode<wa_MediaRetryNotification>},
      {"HistorySync", recode<wa_HistorySync>},
      {"Conversation", recode<wa_Conversation>},
      {"Pushname", recode<wa_Pushname>},
      {"PhoneNumberToLIDMapping", recode<wa_PhoneNumberToLIDMapping>},
  };
  return kMessages;
}

TEST(Proto, EveryFieldOfEveryMessageSurvivesARoundTrip) {
  std::size_t count = 0;
  for (const auto& vector : test::load_vectors("proto-vectors.json", "messages")) {
    const auto name = vector["message"].get<std::string>();
    const auto entry = messages().find(name);
    ASSERT_NE(entry, messages().end()) << name;
    const auto bytes = entry->second(hex(vector["hex"]));
    ASSERT_TRUE(bytes) << name << ": " << bytes.error().detail;
    EXPECT_EQ(vector["hex"], hex_lower(*bytes)) << name;
    ++count;
  }
  EXPECT_EQ(count, messages().size());
}

TEST(Proto, NoTruncatedMessageIsTakenForAWholeOne) {
  const Bytes whole = hex("0a0568656c6c6f1a0312017a");  // conversation, imageMessage.mimetype
  ASSERT_TRUE(decode<wa_Message>(whole));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const bool between_fields = size == 7;
    EXPECT_EQ(decode<wa_Message>(ByteView(whole).first(size)).ok(), between_fields) << size;
  }
}

TEST(Proto, PresenceOfScalarsAndMessagesIsKept) {
  const auto message = decode<wa_Message>(hex("62021000"));  // protocolMessage { type = REVOKE (0) }
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->has_protocolMessage);
  EXPECT_TRUE(message->protocolMessage.has_type);
  EXPECT_EQ(message->protocolMessage.type, wa_ProtocolMessage_Type_REVOKE);
  EXPECT_FALSE(message->protocolMessage.has_key);
  EXPECT_FALSE(message->has_imageMessage);
}

TEST(Proto, RecursiveMessagesComeBehindPointers) {
  wa_Message inner{};
  inner.conversation = "hi";
  wa_Message outer{};
  outer.has_deviceSentMessage = true;
  outer.deviceSentMessage.destinationJID = "1@s.whatsapp.net";
  outer.deviceSentMessage.message = std::make_unique<wa_Message>(std::move(inner));
  const auto decoded = decode<wa_Message>(encode(outer));
  ASSERT_TRUE(decoded);
  ASSERT_TRUE(decoded->deviceSentMessage.message);
  EXPECT_EQ(decoded->deviceSentMessage.message->conversation, "hi");
  EXPECT_FALSE(decoded->ephemeralMessage.message);
}

TEST(Proto, AnEnumerationValueOfTomorrowIsKept) {
  const auto message = decode<wa_ProtocolMessage>(hex("10e707"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, 999);
}

TEST(Proto, UnknownFieldsAreSkipped) {
  // 5000: bytes, 5001: varint, 5002: fixed64, 5003: fixed32; then conversation
  const auto message =
      decode<wa_Message>(hex("c2b80203aabbcc"
                             "c8b802ff01"
                             "d1b8020102030405060708"
                             "ddb80201020304"
                             "0a026869"));
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->conversation, "hi");
}

TEST(Proto, AKnownFieldOfAnotherWireTypeIsSkipped) {
  const auto message =
      decode<wa_Message>(hex("0805"
                             "0a026869"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->conversation, "hi");
}

TEST(Proto, NumberListsAreReadPackedAndUnpackedAndWrittenPacked) {
  for (const char* bytes : {"22030195"
                            "01",
                            "20012095"
                            "01"}) {
    const auto list = decode<wa_ADVKeyIndexList>(hex(bytes));
    ASSERT_TRUE(list) << bytes;
    EXPECT_EQ(list->validIndexes, (std::vector<std::uint32_t>{1, 149})) << bytes;
    EXPECT_EQ(hex_lower(encode(*list)), "2203019501");
  }
}

TEST(Proto, ALaterOccurrenceOfAFieldWins) {
  const auto message =
      decode<wa_Message>(hex("0a0161"
                             "0a0162"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->conversation, "b");
}

TEST(Proto, BoundsTheDepth) {
  const auto nested = [](int depth) {
    wa_Message message{};
    message.conversation = "x";
    for (int i = 0; i < depth; ++i) {
      wa_Message outer{};
      outer.has_ephemeralMessage = true;
      outer.ephemeralMessage.message = std::make_unique<wa_Message>(std::move(message));
      message = std::move(outer);
    }
    return encode(message);
  };
  EXPECT_TRUE(decode<wa_Message>(nested(limits::kProtoDepth)));
  const auto deep = decode<wa_Message>(nested(limits::kProtoDepth + 1));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.cause(), Cause::malformed);
}

TEST(Proto, BoundsTheItemsOfAllListsTogether) {
  const auto list = [](std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i)
      bytes.insert(bytes.end(), {0x12, 0x00});  // contacts: an empty one
    return bytes;
  };
  const auto most = decode<wa_ContactsArrayMessage>(list(limits::kProtoItems));
  ASSERT_TRUE(most);
  EXPECT_EQ(most->contacts.size(), limits::kProtoItems);
  EXPECT_FALSE(decode<wa_ContactsArrayMessage>(list(limits::kProtoItems + 1)));
}

TEST(Proto, EmptyInputIsAnEmptyMessage) {
  const auto message = decode<wa_Message>({});
  ASSERT_TRUE(message);
  EXPECT_TRUE(encode(*message).empty());
}

}  // namespace
}  // namespace pigeond::wire::proto
