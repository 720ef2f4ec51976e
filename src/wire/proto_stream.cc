#include "wire/proto_stream.h"

#include <algorithm>
#include <limits>

namespace pigeond::wire {
namespace {

constexpr std::uint64_t kNumbers = (std::uint64_t{1} << 29) - 1;  // the highest number of a field
constexpr unsigned kVarintBits = 70;

}  // namespace

// Bytes to the end of the innermost message.
std::uint64_t ProtoStream::room() const {
  return frames_.empty() ? std::numeric_limits<std::uint64_t>::max() : frames_.back().end - at_;
}

Status ProtoStream::feed(ByteView data) {
  while (!data.empty()) {
    if (state_ == State::skip || state_ == State::whole) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      if (state_ == State::whole)
        whole_.insert(whole_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
      at_ += size;
      left_ -= size;
      data = data.subspan(size);
      if (left_ > 0) return {};
      if (state_ == State::whole) visitor_.bytes(path_, whole_);
      path_.resize(frames_.size());
      state_ = State::tag;
      close_frames();
      continue;
    }
    ++at_;
    PIGEOND_CHECK(byte(data.front()));
    data = data.subspan(1);
    if (state_ == State::tag || left_ == 0) close_frames();
  }
  return {};
}

Status ProtoStream::byte(std::uint8_t value) {
  varint_ |= shift_ < 64 ? std::uint64_t{value & 0x7fu} << shift_ : 0;
  shift_ += 7;
  if ((value & 0x80) == 0) return varint_done();
  if (shift_ >= kVarintBits) return spoilt("a varint of more than ten bytes");
  if (room() == 0) return spoilt("a message that ends within a varint");
  return {};
}

Status ProtoStream::varint_done() {
  const std::uint64_t value = std::exchange(varint_, 0);
  shift_ = 0;
  if (state_ == State::number) {
    state_ = State::tag;
    visitor_.number(path_, value);
    path_.pop_back();
    return {};
  }
  if (state_ == State::length) return field(value);
  const std::uint64_t number = value >> 3;
  if (number == 0 || number > kNumbers) return spoilt("a field's number");
  path_.push_back(static_cast<std::uint32_t>(number));
  switch (value & 7) {
    case 0:
      state_ = State::number;
      break;
    case 1:
    case 5:
      left_ = (value & 7) == 1 ? 8 : 4;
      state_ = State::skip;
      if (left_ > room()) return spoilt("a field that is longer than its message");
      return {};
    case 2:
      state_ = State::length;
      break;
    default:
      return spoilt("a field's type");
  }
  if (room() == 0) return spoilt("a field without a value");
  return {};
}

Status ProtoStream::field(std::uint64_t length) {
  if (length > room()) return spoilt("a field that is longer than its message");
  const auto wish = visitor_.wish(path_);
  left_ = length;
  if (wish == ProtoVisitor::Wish::enter && frames_.size() < kDepth) {
    frames_.push_back({at_ + length, false});
    left_ = 0;
    state_ = State::tag;
    return {};
  }
  const bool whole = wish == ProtoVisitor::Wish::whole && length <= kWhole;
  whole_.clear();
  state_ = whole ? State::whole : State::skip;
  if (length > 0) return {};
  if (whole) visitor_.bytes(path_, {});
  path_.pop_back();
  state_ = State::tag;
  return {};
}

// What is left of the innermost message is skipped.
Status ProtoStream::spoilt(const char* what) {
  if (frames_.empty()) return fail(Cause::malformed, std::string("protobuf: ") + what);
  varint_ = 0;
  shift_ = 0;
  frames_.back().broken = true;
  path_.resize(frames_.size());
  left_ = room();
  state_ = left_ > 0 ? State::skip : State::tag;
  return {};
}

void ProtoStream::close_frames() {
  while (state_ == State::tag && shift_ == 0 && !frames_.empty() && frames_.back().end <= at_) {
    const bool broken = frames_.back().broken;
    visitor_.left(path_, broken);
    frames_.pop_back();
    path_.pop_back();
  }
}

Status ProtoStream::end() const {
  if (state_ != State::tag || shift_ != 0 || !frames_.empty())
    return fail(Cause::malformed, "protobuf: cut off");
  return {};
}

}  // namespace pigeond::wire
