#include "wire/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace pigeond::wire {
namespace {

struct Inflater {
  z_stream stream{};
  bool ready = inflateInit(&stream) == Z_OK;
  Inflater() = default;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
};

constexpr std::size_t kFirstOutput = 4096;  // bytes; what the output starts with at least

}  // namespace

Result<Bytes> inflate_all(ByteView compressed, std::size_t limit) {
  if (compressed.size() > std::numeric_limits<uInt>::max()) return fail(Cause::too_large, "compressed node");
  Inflater inflater;
  if (!inflater.ready) return fail(Cause::internal, "zlib");
  z_stream& stream = inflater.stream;
  stream.next_in = const_cast<Bytef*>(compressed.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(compressed.size());
  Bytes out(std::min(limit + 1, std::max(kFirstOutput, compressed.size() * 4)));
  for (;;) {
    stream.next_out = out.data() + stream.total_out;
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    if (stream.total_out > limit) return fail(Cause::too_large, "inflated node");
    if (code == Z_STREAM_END) break;
    if (code != Z_OK || stream.avail_out != 0) return fail(Cause::malformed, "zlib stream");
    out.resize(std::min(limit + 1, out.size() * 2));
  }
  if (stream.avail_in != 0) return fail(Cause::malformed, "bytes after the zlib stream");
  out.resize(stream.total_out);
  return out;
}

}  // namespace pigeond::wire
