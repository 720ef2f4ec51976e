#include "api/packed_text.h"

#include <zlib.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace pigeond::api {
namespace {

void check(int code) {
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  if (code != Z_OK) throw std::logic_error("zlib");
}

}  // namespace

std::string PackedText::text() {
  const std::lock_guard lock(mutex_);
  if (make_) {
    std::string made = make_();
    Bytes packed(compressBound(static_cast<uLong>(made.size())));
    uLongf size = static_cast<uLongf>(packed.size());
    check(compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(made.data()),
                    static_cast<uLong>(made.size()), Z_BEST_COMPRESSION));
    packed_.assign(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    size_ = made.size();
    make_ = nullptr;
    return made;
  }
  std::string out(size_, '\0');
  uLongf size = static_cast<uLongf>(size_);
  check(uncompress(reinterpret_cast<Bytef*>(out.data()), &size, packed_.data(),
                   static_cast<uLong>(packed_.size())));
  return out;
}

}  // namespace pigeond::api
