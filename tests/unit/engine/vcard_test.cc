#include "engine/messages/kinds/reading/vcard.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pigeond::engine {
namespace {

TEST(Vcard, IsMadeOfWhatIsSaidOfAPerson) {
  EXPECT_EQ(vcard_of({"Jane Doe", "Lamps", "+49 151 0000002", "491510000002"}),
            "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nORG:Lamps;\n"
            "TEL;type=CELL;type=VOICE;waid=491510000002:+49 151 0000002\nEND:VCARD");
  EXPECT_EQ(vcard_of({"Jane", "", "1", ""}),
            "BEGIN:VCARD\nVERSION:3.0\nFN:Jane\nTEL;type=CELL;type=VOICE:1\nEND:VCARD");
}

TEST(Vcard, ANameWithALineOfItsOwnIsStillOneName) {
  const std::string name = "Jane\nTEL:666\r\nEND:VCARD;,\\";
  const std::string card = vcard_of({name, "A\nB", "1", ""});
  EXPECT_EQ(std::count(card.begin(), card.end(), '\n'), 5);
  EXPECT_TRUE(is_vcard(card));
  EXPECT_EQ(name_in_vcard(card), "Jane TEL:666 END:VCARD;,\\");
}

TEST(Vcard, SaysWhoItIs) {
  EXPECT_EQ(name_in_vcard("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane;;;\r\nFN:Jane \r\n Doe\r\nEND:VCARD"),
            "Jane Doe");
  EXPECT_EQ(name_in_vcard("BEGIN:VCARD\nN:Doe;Jane;;;\nEND:VCARD"), "Jane Doe");
  EXPECT_EQ(name_in_vcard("BEGIN:VCARD\nitem1.fn;CHARSET=UTF-8:Jane\\, MD\nEND:VCARD"), "Jane, MD");
  EXPECT_EQ(name_in_vcard("BEGIN:VCARD\nTEL:1\nEND:VCARD"), "");
}

TEST(Vcard, IsACardAndNothingElse) {
  EXPECT_TRUE(is_vcard("BEGIN:VCARD\nEND:VCARD"));
  EXPECT_TRUE(is_vcard("begin:vcard\r\nFN:x\r\nend:vcard\r\n"));
  for (const char* wrong :
       {"", "x", "BEGIN:VCARD", "BEGIN:VCARD\nFN:x", "FN:x\nEND:VCARD", "\xff\nEND:VCARD"})
    EXPECT_FALSE(is_vcard(wrong)) << wrong;
  EXPECT_FALSE(is_vcard(std::string_view("BEGIN:VCARD\nFN:a\0b\nEND:VCARD", 28)));
}

}  // namespace
}  // namespace pigeond::engine
