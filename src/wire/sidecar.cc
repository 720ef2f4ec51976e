#include "wire/sidecar.h"

#include <algorithm>
#include <utility>

namespace pigeond::wire {

void Sidecar::update(ByteView data) {
  while (!data.empty()) {
    if (size_ == kWindow + kOverlap) end_window();
    const std::size_t until = size_ < kWindow ? kWindow : kWindow + kOverlap;
    const ByteView part = data.first(std::min(data.size(), until - size_));
    window_.update(part);
    if (size_ >= kWindow) next_.update(part);
    size_ += part.size();
    data = data.subspan(part.size());
  }
}

Bytes Sidecar::finish() {
  if (size_ > 0) end_window();
  return std::exchange(macs_, {});
}

void Sidecar::end_window() {
  const Key32 mac = window_.finish();  // and it is ready for another window
  macs_.insert(macs_.end(), mac.begin(), mac.begin() + kMac);
  std::swap(window_, next_);
  size_ -= std::min(size_, kWindow);
}

}  // namespace pigeond::wire
