// What is told of each part of the protocol's Message. The table is whole: a part that is not in it is
// unknown, and told as it came.
#include "engine/messages/kinds/content.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/messages/kinds/contact.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/list.h"
#include "engine/messages/kinds/location.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reading/parts.h"
#include "engine/messages/kinds/reading/prose.h"
#include "engine/messages/kinds/text.h"
#include "engine/messages/kinds/timer.h"

namespace pigeond::engine {
namespace {

Bytes text(std::uint32_t number, std::string_view words) {
  Bytes out;
  append_field(out, number, as_bytes(words));
  return out;
}

Bytes field(std::uint32_t number, const Bytes& inside) {
  Bytes out;
  append_field(out, number, inside);
  return out;
}

Bytes all(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes number(std::uint32_t field, std::uint64_t value) {
  Bytes out;
  append_varint(out, field << 3);
  append_varint(out, value);
  return out;
}

Shown shown(const Bytes& message) {
  return describe(Content{message});
}

bool visible(const Bytes& message) {
  return is_visible(wire::proto::decode<wa_Message>(message).value());
}

// --- the table: a part, what it holds, and the words that a person reads ---

struct Cell {
  Bytes part;
  const char* type;
  const char* body;
};

Bytes hydrated_row() {
  return all({text(2, "Code"), text(6, "123456 is your code"), text(7, "Not for others")});
}

Bytes interactive() {
  return all({field(1, all({text(1, "Shop"), text(2, "since 1990")})), field(2, text(1, "Pick one")),
              field(3, text(1, "Open till six"))});
}

std::map<std::uint32_t, Cell> told_as_messages() {
  const Bytes poll = all({text(2, "Where to?"), field(3, text(1, "Home"))});
  const Bytes snapshot = all({text(1, "Where to?"), field(2, text(1, "Home"))});
  const Bytes channel = all({text(2, "News"), text(4, "Come and read")});
  const Bytes note = field(6, text(1, "For lunch"));
  return {
      {1, {{}, "text", "Hello"}},
      {3, {all({text(2, "image/jpeg"), text(3, "Look")}), "image", "Look"}},
      {4, {all({text(1, "Jane"), text(16, "BEGIN:VCARD\nEND:VCARD")}), "contact", "Jane"}},
      {5, {text(3, "Gate"), "location", "Gate"}},
      {6, {text(1, "Hello"), "text", "Hello"}},
      {7, {all({text(8, "a.pdf"), text(20, "The bill")}), "document", "The bill"}},
      {8, {text(2, "audio/ogg"), "audio", ""}},  // nobody says a word in writing
      {9, {text(7, "Look"), "video", "Look"}},
      {13,
       {all({text(1, "2 contacts"), field(2, text(1, "Jane")), field(2, text(1, "Jim"))}), "contact",
        "2 contacts"}},
      {14, {all({text(2, "order_notice"), text(3, "Jane"), text(3, "A-17")}), "text", "Jane\nA-17"}},
      {16, {field(2, note), "payment", "For lunch"}},
      {18, {text(6, "On my way"), "location", "On my way"}},
      {22, {field(4, note), "payment", "For lunch"}},
      {25, {field(4, hydrated_row()), "text", "Code\n123456 is your code\nNot for others"}},
      {26, {text(5, "image/webp"), "sticker", ""}},  // it has no words
      {28, {all({text(4, "Choir"), text(6, "Join us")}), "text", "Join us"}},
      {29, {all({text(1, "yes"), text(2, "Yes, please")}), "text", "Yes, please"}},
      {30,
       {all({field(1, all({text(3, "Lamp"), text(4, "Brass")})), text(5, "Now on sale"), text(6, "Shop")}),
        "product", "Lamp\nBrass\nNow on sale\nShop"}},
      {36,
       {all({text(1, "Menu"), text(2, "What may it be?"), text(3, "Open"), text(7, "Till six")}), "list",
        "Menu\nWhat may it be?\nTill six"}},
      {38, {all({text(7, "Order"), text(6, "Two lamps")}), "order", "Order\nTwo lamps"}},
      {39, {all({text(1, "Tea"), text(5, "Green")}), "text", "Tea"}},
      {41, {text(1, "Thank you"), "payment", "Thank you"}},
      {42,
       {all({text(1, "Code"), text(6, "123456 is your code"), text(7, "Bank")}), "text",
        "Code\n123456 is your code\nBank"}},
      {43, {all({text(1, "yes"), text(2, "Yes, please")}), "text", "Yes, please"}},
      {44, {text(4, "ref"), "payment", ""}},  // phones say in their own words that somebody invites to pay
      {45, {interactive(), "interactive", "Shop\nsince 1990\nPick one\nOpen till six"}},
      {48,
       {all({field(1, text(1, "Tomorrow at ten")), field(2, text(1, "flow"))}), "text", "Tomorrow at ten"}},
      {49, {poll, "poll", "Where to?"}},
      {60, {poll, "poll", "Where to?"}},
      {61, {text(3, "Weekly"), "call", "Weekly"}},
      {64, {poll, "poll", "Where to?"}},
      {66, {text(2, "video/mp4"), "video", ""}},  // of a note in pictures
      {78, {channel, "text", "News\nCome and read"}},
      {86, {all({text(2, "Cats"), text(10, "Here")}), "sticker_pack", "Cats\nHere"}},
      {88, {snapshot, "poll", "Where to?\nHome"}},
      {97, {field(2, text(3, "As far as I know")), "text", "As far as I know"}},
      {105, {text(2, "Blue"), "text", "Blue"}},
      {107, {text(2, "Blue"), "text", "Blue"}},
      {109, {text(2, "Blue"), "text", "Blue"}},
      {111, {poll, "poll", "Where to?"}},
      {113, {channel, "text", "News\nCome and read"}},
      {115, {snapshot, "poll", "Where to?\nHome"}},
      {119, {poll, "poll", "Where to?"}},
      {122, {all({text(3, "Summer party"), text(6, "Do come")}), "event", "Summer party\nDo come"}},
      {124, {text(3, "The rent"), "payment", "The rent"}},
      {125, {text(3, "Dinner"), "payment", "Dinner"}},
      {129, {field(1, all({text(3, "Jane"), text(4, "The song")})), "music", "The song\nJane"}},
  };
}

Bytes message_of(std::uint32_t part, const Cell& cell) {
  return part == 1 ? text(1, cell.body) : field(part, cell.part);
}

constexpr std::uint32_t kOfEvents = 75;  // read where events are made

TEST(ContentTable, HasARowForEachPartThatIsAMessage) {
  const auto cells = told_as_messages();
  for (const Part& part : all_parts())
    EXPECT_EQ(cells.contains(part.number), part.told == Told::message && part.number != kOfEvents)
        << part.number << ' ' << part.name;
  for (const auto& [number, cell] : cells) {
    const Part* part = part_numbered(number);
    ASSERT_NE(part, nullptr) << number;
    EXPECT_EQ(part->told, Told::message) << part->name;
  }
}

TEST(ContentTable, SaysWhatAPersonReads) {
  for (const auto& [number, cell] : told_as_messages()) {
    const Bytes message = message_of(number, cell);
    EXPECT_TRUE(visible(message)) << number;
    EXPECT_EQ(shown(message).type, cell.type) << number;
    EXPECT_EQ(shown(message).body, cell.body) << number;
    EXPECT_EQ(raw_part_of(message), "") << number;
  }
}

TEST(ContentTable, SaysTheSameInsideEachWrapper) {
  const auto cells = told_as_messages();
  const Bytes inside = message_of(25, cells.at(25));
  for (const Part& part : all_parts()) {
    if (part.told != Told::inside) continue;
    const Bytes wrapped = field(part.number, field(part.number == 31 ? 2 : 1, inside));
    EXPECT_EQ(shown(wrapped).body, cells.at(25).body) << part.name;
    EXPECT_TRUE(visible(wrapped)) << part.name;
    const Bytes twice = field(40, field(1, wrapped));
    EXPECT_EQ(shown(twice).body, cells.at(25).body) << part.name;
  }
}

TEST(ContentTable, SaysTheSameInAQuote) {
  for (const auto& [number, cell] : told_as_messages()) {
    Framing framing;
    framing.quote = Quote{"Q1", wire::pn("491510000002"), message_of(number, cell)};
    const auto answer = framed(text_content("yes"), framing);
    ASSERT_TRUE(answer) << number;
    const auto quoted = shown(*answer).quoted;
    ASSERT_TRUE(quoted) << number;
    EXPECT_EQ(quoted->body, cell.body) << number;
  }
}

TEST(ContentTable, TellsNothingOfWhatIsNoMessage) {
  for (const Part& part : all_parts()) {
    if (part.told != Told::nothing && part.told != Told::otherwise) continue;
    const Bytes message = field(part.number, number(4095, 1));
    EXPECT_TRUE(part.told == Told::otherwise || !visible(message)) << part.name;
    EXPECT_EQ(raw_part_of(message), "") << part.name;
  }
  EXPECT_FALSE(visible({}));
  EXPECT_EQ(raw_part_of({}), "");
  EXPECT_FALSE(visible(field(6, {}))) << "a text without a word";
}

TEST(ContentTable, TellsAsItCameWhatNobodyKnows) {
  const Bytes context = field(35, field(3, Bytes(32, 7)));
  const Bytes unknown = all({context, field(4711, text(1, "new"))});
  EXPECT_FALSE(visible(unknown));
  EXPECT_EQ(raw_part_of(unknown), "part 4711");
  EXPECT_EQ(raw_part_of(field(40, field(1, unknown))), "part 4711");
  EXPECT_EQ(raw_part_of(field(80, number(1, 0))), "placeholderMessage");
  EXPECT_EQ(raw_part_of(all({text(1, "Hello"), unknown})), "") << "it is a text";
  EXPECT_EQ(raw_part_of(context), "");
}

TEST(ContentTable, WrappersWithoutAnEndAreNothing) {
  Bytes message = text(1, "deep");
  for (int i = 0; i < 40; ++i) message = field(40, field(1, message));
  const auto decoded = wire::proto::decode<wa_Message>(message);
  EXPECT_TRUE(!decoded || !is_visible(*decoded));
  EXPECT_EQ(raw_part_of(message), "");
}

TEST(ContentTable, IsInAscendingOrderAndNamesEachOnce) {
  std::set<std::string> names;
  for (const Part& part : all_parts()) EXPECT_TRUE(names.insert(part.name).second) << part.name;
  EXPECT_EQ(names.size(), 110u);
}

// --- words ---

TEST(Prose, TakesTheFirstAlternativeThatSaysAnything) {
  EXPECT_EQ(prose(all({text(1, "a"), text(2, "b")}), "2|1"), "b");
  EXPECT_EQ(prose(text(1, "a"), "2|1"), "a");
  EXPECT_EQ(prose(text(1, "a"), "2 1"), "a");
  EXPECT_EQ(prose(all({text(1, "a"), text(2, "b")}), "2 1"), "b\na") << "in reading order";
}

TEST(Prose, SameWordsForOlderAndNewerClientsAreSaidOnce) {
  const Bytes both = all({field(4, hydrated_row()), field(2, hydrated_row())});
  EXPECT_EQ(prose(both, "%t"), "Code\n123456 is your code\nNot for others");
  EXPECT_EQ(prose(field(5, interactive()), "%t"), "Shop\nsince 1990\nPick one\nOpen till six");
}

TEST(Prose, IsBoundedInDepthAndNumber) {
  Bytes deep = interactive();
  for (int i = 0; i < 1000; ++i) deep = field(7, field(1, deep));
  EXPECT_EQ(prose(deep, "%i"), "") << "cards in cards, and nothing within reach";
  Bytes many;
  for (int i = 0; i < 5000; ++i) append_field(many, 3, as_bytes("x"));
  EXPECT_EQ(prose(many, "3").size(), kProseTexts * 2 - 1);
  EXPECT_EQ(prose(text(3, "\xff\xfe"), "3"), "");
  EXPECT_EQ(prose(Bytes{0x1a, 0xff}, "3"), "");
}

// --- contexts ---

Bytes ad_context() {
  const Bytes ad = all({text(1, "Lamps, half price"), text(2, "Only today"), text(7, "ad"), text(8, "1200"),
                        text(9, "https://fb.me/x"), text(13, "CLICK"), text(17, "instagram")});
  return field(28, ad);
}

TEST(Referral, IsShownBesideTheText) {
  const auto message = shown(field(6, all({text(1, "Is it there?"), field(17, ad_context())})));
  EXPECT_EQ(message.body, "Is it there?");
  ASSERT_TRUE(message.referral);
  EXPECT_EQ(message.referral->source_type, "ad");
  EXPECT_EQ(message.referral->source_id, "1200");
  EXPECT_EQ(message.referral->source_url, "https://fb.me/x");
  EXPECT_EQ(message.referral->title, "Lamps, half price");
  EXPECT_EQ(message.referral->click_id, "CLICK");
  EXPECT_EQ(message.referral->app, "instagram");
}

TEST(Referral, WithoutATextItsHeadlineIsTheText) {
  const Bytes message = field(6, field(17, ad_context()));
  EXPECT_TRUE(visible(message));
  EXPECT_EQ(shown(message).body, "Lamps, half price");
}

TEST(Referral, IsReadFromPartsThatAreKeptAsBytes) {
  const auto message = shown(field(42, all({text(6, "Hi"), field(8, ad_context())})));
  ASSERT_TRUE(message.referral);
  EXPECT_EQ(message.referral->click_id, "CLICK");
}

TEST(Referral, ACardForALinkIsNone) {
  const Bytes card = field(28, all({text(1, "A page"), text(9, "https://a.example")}));
  EXPECT_FALSE(shown(field(6, all({text(1, "x"), field(17, card)}))).referral);
}

TEST(Timer, IsPutIntoContentsOfAnyKindThatHasAPlace) {
  Framing framing;
  framing.timer = {.seconds = 604800, .set = 1700000000};
  const Content contents[] = {text_content("Hello"),
                              text_content("https://a.example", {"https://a.example", "A", "B"}),
                              location_content(1, 2, "Gate"),
                              contacts_content({{"Jane", "BEGIN:VCARD\nEND:VCARD"}}),
                              list_content({"Menu", "", "", "Open", {{"", {{"1", "Tea", ""}}}}}),
                              buttons_content("", "Pick", "", {{Button::Type::reply, "A", "a", ""}})};
  for (const auto& content : contents) {
    const auto message = framed(content, framing);
    ASSERT_TRUE(message);
    const auto timer = timer_of(wire::proto::decode<wa_Message>(*message).value());
    ASSERT_TRUE(timer) << shown(content.message).type;
    EXPECT_EQ(timer->seconds, 604800u);
    EXPECT_EQ(timer->set, 1700000000);
    EXPECT_EQ(shown(*message).body, shown(content.message).body);
  }
}

TEST(Timer, ASettingIsNoMessage) {
  const Content setting = timer_content({.seconds = 86400, .set = 7});
  EXPECT_FALSE(visible(setting.message));
  const auto timer = timer_set_by(setting);
  ASSERT_TRUE(timer);
  EXPECT_EQ(timer->seconds, 86400u);
  EXPECT_EQ(timer->set, 7);
  EXPECT_FALSE(timer_set_by(text_content("86400")));
}

TEST(Quoting, LosesNothingOfAPartThatIsKeptAsItCame) {
  const Bytes list = list_content({"Menu", "What?", "", "Open", {{"S", {{"1", "Tea", "green"}}}}}).message;
  Framing inner;
  inner.quote = Quote{"Q0", wire::pn("491510000002"), text_content("before").message};
  const auto with_quote = framed(Content{list}, inner);
  ASSERT_TRUE(with_quote);
  Framing framing;
  framing.quote = Quote{"Q1", wire::pn("491510000002"), *with_quote};
  const auto answer = framed(text_content("1"), framing);
  ASSERT_TRUE(answer);
  const auto decoded = wire::proto::decode<wa_Message>(*answer).value();
  const auto& quoted = decoded.extendedTextMessage.contextInfo->quotedMessage;
  ASSERT_TRUE(quoted);
  EXPECT_EQ(Bytes(quoted->listMessage), to_bytes(find_field(list, 36).value())) << "but for its own quote";
}

TEST(Quoting, WhatIsNestedTooDeepIsQuotedByItsIdAlone) {
  Bytes deep = text(1, "deep");
  for (int i = 0; wire::proto::decode<wa_Message>(field(40, field(1, deep))) && i < 100; ++i)
    deep = field(40, field(1, deep));
  Framing framing;
  framing.quote = Quote{"Q1", wire::pn("491510000002"), deep};
  const auto answer = framed(text_content("yes"), framing);
  ASSERT_TRUE(answer);
  EXPECT_EQ(shown(*answer).body, "yes");
  ASSERT_TRUE(shown(*answer).quoted);
  EXPECT_EQ(shown(*answer).quoted->id, "Q1");
}

TEST(Looks, NameWhatIsSent) {
  const auto look = [](const Content& content) { return look_of(content.message); };
  EXPECT_EQ(look(text_content("Hello")).type, "text");
  const Content card = text_content("https://a.example", {"https://a.example", "A", ""});
  EXPECT_EQ(look(card).type, "media");
  EXPECT_EQ(look(card).media_type, "url");
  const ContactCard jane{"Jane", "BEGIN:VCARD\nEND:VCARD"};
  EXPECT_EQ(look(contacts_content({jane})).media_type, "vcard");
  EXPECT_EQ(look(contacts_content({jane, jane})).media_type, "contact_array");
  const Content list = list_content({"Menu", "", "", "Open", {{"", {{"1", "Tea", ""}}}}});
  EXPECT_EQ(look(list).type, "text") << "with <biz> anything else is refused";
  EXPECT_EQ(look(list).media_type, "");
  EXPECT_EQ(look(list).business, Business::list);
  EXPECT_EQ(look(text_content("Hello")).business, Business::no);
}

TEST(Looks, NameFilesTapsAndInvitations) {
  const Bytes plain = text(99, ""), gif = {8 << 3, 1}, ptt = {6 << 3, 1};
  const struct {
    std::uint32_t number;
    Bytes inside;
    std::string_view type, media_type;
  } parts[] = {
      {3, plain, "media", "image"},
      {9, plain, "media", "video"},
      {9, gif, "media", "gif"},
      {66, plain, "media", "ptv"},
      {8, plain, "media", "audio"},
      {8, ptt, "media", "ptt"},
      {7, plain, "media", "document"},
      {26, plain, "media", "sticker"},
      {39, plain, "media", "list_response"},
      {43, plain, "media", "buttons_response"},
      {28, plain, "media", "url"},
      {29, plain, "text", ""},
  };
  for (const auto& part : parts) {
    const Bytes bare = field(part.number, part.inside), view_once = field(37, field(1, bare));
    for (const Bytes& message : {bare, view_once}) {
      EXPECT_EQ(look_of(message).type, part.type) << part.number;
      EXPECT_EQ(look_of(message).media_type, part.media_type) << part.number;
    }
  }
}

TEST(Mentions, AreRenamedAsAWhole) {
  const Content text = text_content("@4915 and @49151 and @4915");
  const Content named = with_names(text, {{"4915", "100000000000002"}});
  EXPECT_EQ(shown(named.message).body, "@100000000000002 and @49151 and @100000000000002");
}

}  // namespace
}  // namespace pigeond::engine
