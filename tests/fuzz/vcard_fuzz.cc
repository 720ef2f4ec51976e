// A contact card that somebody made: any bytes are refused, or name somebody; and what a person is called can
// be anything without becoming more than one line of the card that is made of it.
#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "engine/messages/kinds/reading/vcard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const std::string text(as_text(ByteView(data, size)));
  engine::name_in_vcard(text);
  engine::is_vcard(text);
  const std::string card = engine::vcard_of({text, text, "1", ""});
  if (std::count(card.begin(), card.end(), '\n') > 5) std::abort();
  if (is_valid_utf8(text) && text.find('\0') == std::string::npos && !engine::is_vcard(card)) std::abort();
  return 0;
}
