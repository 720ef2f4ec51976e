// The kinds of files that the media servers tell apart, by the name in an upload's path: with what their keys
// are made and in which folder they are handed out. The names are those of whatsmeow's mediaTypeToMMSType,
// Baileys' MEDIA_PATH_MAP and zapo, together; most clients use image, video, audio and
// document alone.
#pragma once

#include <string_view>

namespace pigeond::sandbox {

struct MediaKind {
  std::string_view name;    // /mms/NAME/TOKEN
  std::string_view keys;    // see wire/media_file.h
  std::string_view folder;  // /v/FOLDER/...
};

const MediaKind* find_media_kind(std::string_view name);  // null: there is none of that name

}  // namespace pigeond::sandbox
