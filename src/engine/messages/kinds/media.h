// The file of a message: a picture, a film, a voice note, a document, a sticker. The message says where it
// lies and what opens it; see wire/media_file.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/proto.h"

namespace pigeond::engine {

// As its sender has written it: nothing here is to be believed before the file was checked with it.
struct MediaFile {
  std::string_view keys;     // the info of its keys: "WhatsApp Image Keys"
  std::string_view type;     // as media servers name it: "image"
  std::string path;          // on the media servers, with its query (engine/media/path.h)
  Bytes media_key;           // wire::kMediaKey bytes
  Bytes sha256;              // of the content
  Bytes enc_sha256;          // of the file on the servers; 32 bytes, as that of the content
  std::uint64_t length = 0;  // of the content, bytes; 0: not told
  std::string mimetype;      // not empty
  std::string filename;      // of documents; empty: it has none
};

// Of the innermost content of a stored message, serialised. not_found: it has no file. malformed: what it
// says of its file makes no sense, so that nobody can have it.
Result<MediaFile> media_file(ByteView message);
}  // namespace pigeond::engine
