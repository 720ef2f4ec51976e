#include "wire/inflate_stream.h"

#include <zlib.h>

#include <array>
#include <limits>

namespace pigeond::wire {

struct InflateStream::State {
  z_stream stream{};
  bool ready = inflateInit(&stream) == Z_OK;
  bool ended = false;
  std::uint64_t out = 0, limit = 0;
  std::array<std::uint8_t, kPiece> piece;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (ready) inflateEnd(&stream);
  }
};

InflateStream::InflateStream(std::uint64_t limit) : state_(std::make_unique<State>()) {
  state_->limit = limit;
}

InflateStream::~InflateStream() = default;

bool InflateStream::ended() const {
  return state_->ended;
}

Status InflateStream::feed(ByteView compressed, const Sink& sink) {
  State& state = *state_;
  if (!state.ready) return fail(Cause::internal, "zlib");
  if (compressed.size() > std::numeric_limits<uInt>::max())
    return fail(Cause::too_large, "a piece to inflate");
  z_stream& stream = state.stream;
  stream.next_in = const_cast<Bytef*>(compressed.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(compressed.size());
  for (;;) {
    if (state.ended) {
      if (stream.avail_in != 0) return fail(Cause::malformed, "bytes after the zlib stream");
      return {};
    }
    stream.next_out = state.piece.data();
    stream.avail_out = static_cast<uInt>(state.piece.size());
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
      return fail(Cause::malformed, "zlib stream");
    state.ended = code == Z_STREAM_END;
    const std::size_t size = state.piece.size() - stream.avail_out;
    state.out += size;
    if (state.out > state.limit) return fail(Cause::too_large, "inflated data");
    if (size > 0) PIGEOND_CHECK(sink(ByteView(state.piece).first(size)));
    // Room that was left means that all of the input was looked at.
    if (!state.ended && stream.avail_in == 0 && stream.avail_out != 0) return {};
    if (code == Z_BUF_ERROR && size == 0) return fail(Cause::malformed, "zlib stream");
  }
}

}  // namespace pigeond::wire
