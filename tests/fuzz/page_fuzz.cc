// A page that a link leads to: any bytes give two short texts of UTF-8, of one line each.
#include <cstdlib>

#include "base/text.h"
#include "gateway/previews/links.h"
#include "gateway/previews/page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  const std::string_view html = as_text(ByteView(data, size));
  for (const bool latin1 : {false, true}) {
    const auto words = gateway::read_page(html, latin1);
    if (words.title.size() > gateway::kPageTitle || words.description.size() > gateway::kPageDescription)
      std::abort();
    for (const auto* text : {&words.title, &words.description})
      if (!is_valid_utf8(*text) || text->find('\n') != std::string::npos) std::abort();
  }
  const std::string link = gateway::first_link(html);
  if (!link.empty() && html.find(link) == std::string_view::npos) std::abort();
  const std::string next = gateway::redirected("https://a.example/b", html);
  if (!next.empty() && !next.starts_with("http://") && !next.starts_with("https://")) std::abort();
  return 0;
}
