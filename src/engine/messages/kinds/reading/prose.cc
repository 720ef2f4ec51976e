#include "engine/messages/kinds/reading/prose.h"

#include <cstdint>

#include "base/text.h"
#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

// Messages that occur in several parts.
std::string_view lettered(char letter) {
  switch (letter) {
    case 'h':  // HighlyStructuredMessage: as its template was filled in, else what it was filled in with
      return "9{%t}|3";
    case 'i':  // InteractiveMessage: header, body and footer; a carousel's cards; what stands for a widget
      return "1{1 2} 2{1} 3{1} 7{1{%i}} 8{4}";
    case 'r':  // HydratedFourRowTemplate: title, content, footer
      return "2 6 7";
    case 't':  // TemplateMessage; senders write the same twice, for older clients and for newer ones
      return "4{%r}|2{%r}|5{%i}|1{2{%h} 6{%h} 7{%h}}";
    case 'n':  // Message, as a note to something else: a text
      return "1|6{1}";
    default:
      return {};
  }
}

class Reader {
 public:
  void read(ByteView message, std::string_view list, int depth) {
    if (depth > kProseDepth) return;
    while (!list.empty()) {
      const std::size_t end = end_of_alternative(list);
      const std::size_t before = texts_;
      read_all(message, list.substr(0, end), depth);
      if (texts_ != before || end == list.size()) return;
      list.remove_prefix(end + 1);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  static std::size_t end_of_alternative(std::string_view list) {
    int open = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i] == '{') ++open;
      if (list[i] == '}') --open;
      if (list[i] == '|' && open == 0) return i;
    }
    return list.size();
  }

  static std::string_view take_braces(std::string_view& list) {
    if (list.empty() || list.front() != '{') return {};
    int open = 0;
    std::size_t at = 0;
    do {
      if (list[at] == '{') ++open;
      if (list[at] == '}') --open;
      ++at;
    } while (open > 0 && at < list.size());
    const std::string_view inside = list.substr(1, at - 2);
    list.remove_prefix(at);
    return inside;
  }

  void read_all(ByteView message, std::string_view list, int depth) {
    while (!list.empty()) {
      if (list.front() == ' ') {
        list.remove_prefix(1);
      } else if (list.front() == '%') {
        read(message, lettered(list[1]), depth);
        list.remove_prefix(2);
      } else {
        std::uint32_t number = 0;
        while (!list.empty() && list.front() >= '0' && list.front() <= '9') {
          number = number * 10 + static_cast<std::uint32_t>(list.front() - '0');
          list.remove_prefix(1);
        }
        read_field(message, number, take_braces(list), depth);
      }
    }
  }

  void read_field(ByteView message, std::uint32_t number, std::string_view inside, int depth) {
    RawFields fields(message);
    while (auto field = fields.next()) {
      if (field->number != number || field->wire_type != 2 || texts_ >= kProseTexts) continue;
      inside.empty() ? add(as_text(field->payload)) : read(field->payload, inside, depth + 1);
    }
  }

  void add(std::string_view text) {
    if (text.empty() || !is_valid_utf8(text)) return;
    ++texts_;
    if (!out_.empty()) out_ += '\n';
    out_ += text;
  }

  std::string out_;
  std::size_t texts_ = 0;
};

}  // namespace

std::string prose(ByteView message, std::string_view texts) {
  Reader reader;
  reader.read(message, texts, 0);
  return reader.take();
}

}  // namespace pigeond::engine
