// The parts of messages whose bytes others compute too: known answers, and the rules around them.
#include <algorithm>
#include <set>

#include "engine/messages/identity/device_directory.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reporting_token.h"
#include "engine/messages/kinds/text.h"
#include "engine/messages/out/acks.h"
#include "engine/messages/out/message_id.h"
#include "engine/messages/out/phash.h"
#include "engine/messages/out/send_causes.h"
#include "vectors.h"

namespace pigeond::engine {
namespace {

const char* kFile = "message-vectors.json";

TEST(MessageId, KnownAnswers) {
  for (const auto& known : pigeond::test::load_vectors(kFile, "message-id"))
    EXPECT_EQ(known["id"],
              message_id(known["unix_seconds"], known["own_user"], pigeond::test::hex(known["random16"])));
}

TEST(Padding, KnownAnswersBothWays) {
  for (const auto& known : pigeond::test::load_vectors(kFile, "padding")) {
    const Bytes plain = pigeond::test::hex(known["plaintext"]), full = pigeond::test::hex(known["padded"]);
    EXPECT_EQ(padded(plain, known["count"].get<std::uint8_t>()), full);
    EXPECT_EQ(to_bytes(*unpadded(full)), plain);
  }
}

TEST(Padding, EveryDrawIsReversible) {
  SeededRandom random(3);
  const Bytes plain = {1, 2, 3};
  for (int i = 0; i < 200; ++i) {
    const Bytes full = padded(plain, random);
    EXPECT_GE(full.size(), 4u);
    EXPECT_LE(full.size(), 18u);
    EXPECT_EQ(to_bytes(*unpadded(full)), plain);
  }
}

TEST(Padding, WhatIsNotPaddingIsRefused) {
  for (const Bytes& bad : {Bytes{}, Bytes{1, 0}, Bytes{9}, Bytes{1, 3, 2, 3}})
    EXPECT_EQ(unpadded(bad).error().cause, Cause::malformed);
}

TEST(ParticipantHash, KnownAnswersInAnyOrder) {
  for (const auto& known : pigeond::test::load_vectors(kFile, "phash")) {
    std::vector<wire::Jid> devices;
    for (const auto& text : known["devices"])
      devices.push_back(wire::parse_jid(text.get<std::string>()).value());
    EXPECT_EQ(known["phash"], participant_hash(devices));
    std::ranges::reverse(devices);
    EXPECT_EQ(known["phash"], participant_hash(devices));
  }
}

TEST(ReportingTokens, KnownAnswers) {
  for (const auto& known : pigeond::test::load_vectors(kFile, "reporting-token")) {
    Bytes content;
    if (known.contains("message")) {
      content = reporting_content(pigeond::test::hex(known["message"]));
      EXPECT_EQ(known["content"], hex_lower(content)) << known["name"];
    }
    if (known.contains("content_text")) content = to_bytes(known["content_text"].get<std::string>());
    Key32 key{};
    if (known.contains("messageSecret")) {
      key = reporting_key(pigeond::test::hex(known["messageSecret"]), known["stanzaID"], known["sender"],
                          known["remote"]);
      EXPECT_EQ(known["key"], hex_lower(key)) << known["name"];
    } else if (known.contains("key")) {
      std::ranges::copy(pigeond::test::hex(known["key"]), key.begin());
    }
    if (!known.contains("token")) continue;
    EXPECT_EQ(known["token"], hex_lower(reporting_token(key, content))) << known["name"];
  }
}

TEST(ReportingTokens, FieldsComeInAscendingOrderAndEmptyBranchesGo) {
  Bytes message, context;
  append_field(context, 3, Bytes{1});  // contextInfo without 21 and 22
  Bytes extended;
  append_field(extended, 17, context);
  append_field(extended, 1, as_bytes(std::string_view("x")));
  append_field(message, 6, extended);
  append_field(message, 1, as_bytes(std::string_view("y")));
  EXPECT_EQ(hex_lower(reporting_content(message)),
            "0a0179"
            "32030a0178");
}

TEST(RawFields, BrokenBytesEndTheWalk) {
  for (const char* text : {"0a05", "0b", "08ffffffffffffffffffff01", "0d0000", "00", "0a"}) {
    const Bytes bytes = pigeond::test::hex(std::string(text));
    RawFields fields(bytes);
    while (fields.next()) {
    }
    EXPECT_TRUE(fields.broken()) << text;
  }
}

TEST(Content, ADeviceSentMessageCarriesTheInnerOneAsItIs) {
  Framing framing;
  framing.secret.fill(5);
  const Bytes inner = *framed(text_content("hello"), framing);
  auto outer = wire::proto::decode<wa_Message>(device_sent(wire::lid("99"), inner));
  ASSERT_TRUE(outer.ok());
  EXPECT_EQ(outer->deviceSentMessage.destinationJID, "99@lid");
  EXPECT_EQ(wire::proto::encode(*outer->deviceSentMessage.message), inner);
  EXPECT_EQ(outer->messageContextInfo.messageSecret, Bytes(32, 5));
  EXPECT_EQ(outer->messageContextInfo.reportingTokenVersion, 2) << "that of the token beside it";
}

TEST(Content, WrappersComeOffInAnyDepth) {
  auto text = std::make_unique<wa_Message>();
  text->conversation = "inside";
  auto once = std::make_unique<wa_Message>();
  once->has_viewOnceMessage = true;
  once->viewOnceMessage.message = std::move(text);
  wa_Message outer{};
  outer.has_ephemeralMessage = true;
  outer.ephemeralMessage.message = std::move(once);
  const Shown event = describe(outer);
  EXPECT_EQ(event.type, "text");
  EXPECT_EQ(event.body, "inside");
}

TEST(Content, MediaIsDescribedByTypeCaptionAndFile) {
  wa_Message message{};
  message.has_documentMessage = true;
  message.documentMessage.fileName = "a.pdf";
  message.documentMessage.mimetype = "application/pdf";
  message.documentMessage.caption = "read this";
  const Shown event = describe(message);
  EXPECT_EQ(event.type, "document");
  EXPECT_TRUE(event.has_media);
  EXPECT_EQ(event.filename, "a.pdf");
  EXPECT_EQ(event.body, "read this");
  EXPECT_EQ(event.mimetype, "application/pdf");
}

TEST(Content, WhatIsOfNoKnownKindIsNoMessage) {
  wa_Message keys{}, protocol{}, nothing_known{};
  keys.has_senderKeyDistributionMessage = true;
  protocol.has_protocolMessage = true;
  EXPECT_FALSE(is_visible(keys));
  EXPECT_FALSE(is_visible(protocol));
  EXPECT_FALSE(is_visible(nothing_known)) << "bots would answer to nothing; see contents_test.cc";
}

// A <devices> node with device 0, 1 (index 1), 2 (index 5), 3 (no index); `valid` and `current` of the signed
// list.
wire::Node devices(std::vector<std::uint32_t> valid, std::uint32_t current, bool with_list) {
  wire::Node list("device-list");
  const std::pair<int, const char*> all[] = {{0, ""}, {1, "1"}, {2, "5"}, {3, ""}};
  for (const auto& [id, index] : all) {
    wire::Node device("device");
    device.set("id", static_cast<std::uint64_t>(id)).set("key-index", index);
    list.add(std::move(device));
  }
  wire::Node node("devices");
  node.add(std::move(list));
  if (with_list) {
    wa_ADVKeyIndexList indexes{};
    indexes.has_rawID = indexes.has_currentIndex = true;
    indexes.rawID = 7;
    indexes.currentIndex = current;
    indexes.validIndexes = std::move(valid);
    wa_ADVSignedKeyIndexList signed_list{};
    signed_list.details = wire::proto::encode(indexes);
    wire::Node keys("key-index-list");
    keys.body(wire::proto::encode(signed_list));
    node.add(std::move(keys));
  }
  return node;
}

std::vector<int> ids(const wire::Node& node) {
  std::vector<int> found;
  const auto list = parse_device_list(node);
  for (const auto& device : list->devices) found.push_back(device.id);
  return found;
}

TEST(DeviceLists, TheSignedListSaysWhichDevicesCount) {
  EXPECT_EQ(ids(devices({}, 0, false)), (std::vector{0, 1, 2}));
  EXPECT_EQ(ids(devices({1}, 5, true)), (std::vector{0, 1}));
  EXPECT_EQ(ids(devices({}, 5, true)), (std::vector{0}));
  EXPECT_EQ(ids(devices({}, 4, true)), (std::vector{0, 2}));
  EXPECT_EQ(parse_device_list(devices({}, 4, true))->raw_id, 7u);
}

TEST(Acks, CodesAndHashesBecomeAVerdict) {
  wire::Node ack("ack");
  ack.set("t", "12").set("phash", "2:AAAAAAAA");
  EXPECT_TRUE(classify_ack(ack, "2:BBBBBBBB").stale_devices);
  EXPECT_FALSE(classify_ack(ack, "2:AAAAAAAA").stale_devices);
  EXPECT_FALSE(classify_ack(ack, "").error.has_value());
  EXPECT_EQ(classify_ack(ack, "").timestamp, 12);
  ack.set("error", "479");
  const auto refused = classify_ack(ack, "2:AAAAAAAA");
  EXPECT_EQ(refused.error->cause, Cause::stanza_refused);
  EXPECT_EQ(refused.error->code, 479);
  EXPECT_TRUE(refused.stale_devices);
  ack.set("error", "463");
  EXPECT_EQ(classify_ack(ack, "2:AAAAAAAA").error->cause, Cause::token_missing);
  EXPECT_FALSE(classify_ack(ack, "2:AAAAAAAA").stale_devices);
  ack.set("error", "18446744073709551615");
  EXPECT_EQ(classify_ack(ack, "").error->cause, Cause::ack_error);
  EXPECT_GT(classify_ack(ack, "").error->code, 0);
}

TEST(SendCauses, EachRefusalHasItsOwnRow) {
  std::set<std::pair<Cause, Remedy>> seen;
  for (const int code : {400, 401, 403, 404, 405, 406, 408, 413, 421, 429, 463, 475, 479, 500, 503}) {
    const SendCause& row = send_cause_of(code);
    EXPECT_EQ(row.code, code);
    EXPECT_NE(row.cause, Cause::ack_error) << code;
    EXPECT_EQ(refused_with(code).cause, row.cause);
    EXPECT_NE(refused_with(code).detail.find(std::to_string(code)), std::string::npos);
    seen.insert({row.cause, row.remedy});
  }
  EXPECT_EQ(seen.size(), 13u) << "only 408, 500 and 503 are one";
}

TEST(SendCauses, AnUnknownNumberIsKeptAndHealedByNothing) {
  EXPECT_EQ(refused_with(420).cause, Cause::ack_error);
  EXPECT_EQ(refused_with(420).code, 420);
  EXPECT_EQ(send_cause_of(420).remedy, Remedy::none);
  EXPECT_EQ(send_cause_of(420).suspicion, Suspicion::several_chats);
}

// Its implementers found that blind retries of a 463 deepen the lock.
TEST(SendCauses, LocksOfTheAccountNeverSpeakAgainstTheSession) {
  EXPECT_EQ(send_cause_of(463).suspicion, Suspicion::none);
  EXPECT_EQ(send_cause_of(475).suspicion, Suspicion::none);
  EXPECT_EQ(send_cause_of(475).remedy, Remedy::none);
}

TEST(SendCauses, TheServicesNumberSaysMoreThanTheCause) {
  EXPECT_EQ(&send_cause_of(fail(Cause::ack_error, {}, 400)), &send_cause_of(400));
  EXPECT_EQ(&send_cause_of(fail(Cause::no_ack)), &send_cause_of(Cause::no_ack));
  EXPECT_EQ(send_cause_of(Cause::no_ack).remedy, Remedy::reconnect);
}

}  // namespace
}  // namespace pigeond::engine
