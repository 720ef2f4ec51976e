#include "sandbox/phones/history.h"

#include <zlib.h>

namespace pigeond::sandbox {
namespace {

void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put(Bytes& out, std::uint32_t field, std::uint64_t value) {
  put_varint(out, std::uint64_t{field} << 3);
  put_varint(out, value);
}

void put(Bytes& out, std::uint32_t field, ByteView value) {
  put_varint(out, std::uint64_t{field} << 3 | 2);
  put_varint(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

void put(Bytes& out, std::uint32_t field, const std::string& value) {
  put(out, field, as_bytes(value));
}

Bytes encode(const HistoryMessage& message, const wire::Jid& chat) {
  Bytes key, body, info, out;
  put(key, 1, chat.text());
  put(key, 2, std::uint64_t{message.from_me});
  put(key, 3, message.id);
  put(body, 1, message.text);
  put(info, 1, ByteView(key));
  put(info, 2, ByteView(body));
  put(info, 3, static_cast<std::uint64_t>(message.time));
  if (!message.secret.empty()) put(info, 49, ByteView(message.secret));
  put(out, 1, ByteView(info));
  return out;
}

Bytes encode(const HistoryChat& chat) {
  Bytes out;
  put(out, 1, chat.id.text());
  for (const auto& message : chat.messages) put(out, 2, ByteView(encode(message, chat.id)));
  if (!chat.token.empty()) {
    put(out, 21, ByteView(chat.token));
    put(out, 22, static_cast<std::uint64_t>(chat.token_time));
  }
  if (chat.issued > 0) put(out, 28, static_cast<std::uint64_t>(chat.issued));
  if (!chat.pn.empty()) put(out, 39, chat.pn.text());
  if (!chat.lid.empty()) put(out, 42, chat.lid.text());
  return out;
}

}  // namespace

Bytes deflate(ByteView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  if (compress2(out.data(), &size, data.data(), static_cast<uLong>(data.size()), Z_BEST_SPEED) != Z_OK)
    return {};
  out.resize(size);
  return out;
}

Bytes encode(const HistoryContent& content) {
  Bytes out;
  put(out, 1, static_cast<std::uint64_t>(content.kind));
  for (const auto& chat : content.chats) put(out, 2, ByteView(encode(chat)));
  put(out, 5, std::uint64_t{1});    // the chunk
  put(out, 6, std::uint64_t{100});  // per cent
  for (const auto& [user, name] : content.names) {
    Bytes item;
    put(item, 1, user.text());
    put(item, 2, name);
    put(out, 7, ByteView(item));
  }
  for (const auto& [pn, lid] : content.pairs) {
    Bytes item;
    put(item, 1, pn.text());
    put(item, 2, lid.text());
    put(out, 15, ByteView(item));
  }
  if (!content.nonce.empty()) put(out, 16, content.nonce);
  if (!content.salt.empty()) put(out, 19, ByteView(content.salt));
  return deflate(out);
}

}  // namespace pigeond::sandbox
