#include "sandbox/media/media_kind.h"

#include <algorithm>
#include <array>

namespace pigeond::sandbox {
namespace {

constexpr std::string_view kImages = "t62.7118-24", kVideos = "t62.7161-24", kAudios = "t62.7117-24",
                           kDocuments = "t62.7119-24", kStickers = "t62.15575-24",
                           kThumbnails = "t62.36145-24";

constexpr auto kKinds = std::to_array<MediaKind>({
    {"image", "WhatsApp Image Keys", kImages},
    {"video", "WhatsApp Video Keys", kVideos},
    {"gif", "WhatsApp Video Keys", kVideos},
    {"ptv", "WhatsApp Video Keys", kVideos},
    {"audio", "WhatsApp Audio Keys", kAudios},
    {"ptt", "WhatsApp Audio Keys", kAudios},
    {"document", "WhatsApp Document Keys", kDocuments},
    {"sticker", "WhatsApp Image Keys", kStickers},
    {"sticker-pack", "WhatsApp Sticker Pack Keys", kStickers},
    {"thumbnail-sticker-pack", "WhatsApp Sticker Pack Thumbnail Keys", kThumbnails},
    {"thumbnail-link", "WhatsApp Link Thumbnail Keys", kThumbnails},
    {"thumbnail-image", "WhatsApp Image Thumbnail Keys", kThumbnails},
    {"thumbnail-video", "WhatsApp Video Thumbnail Keys", kThumbnails},
    {"thumbnail-document", "WhatsApp Document Thumbnail Keys", kThumbnails},
    {"md-msg-hist", "WhatsApp History Keys", "t62.7"},
    {"md-app-state", "WhatsApp App State Keys", "t62.7"},
});

}  // namespace

const MediaKind* find_media_kind(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &MediaKind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace pigeond::sandbox
