// Protobuf in pieces, for messages that are too large to be held: what is not asked for is skipped without
// being kept, and what is asked for is bounded. Wire format (protobuf's documentation, "Encoding"):
//
//   field = tag (varint: number << 3 | type) and, by type
//     0  varint
//     1  8 bytes
//     2  length (varint), and so many bytes: text, bytes, or a message, which is fields again
//     5  4 bytes
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::wire {

class ProtoVisitor {
 public:
  enum class Wish {
    skip,
    whole,  // its bytes, in one piece; skipped if they are more than kWhole
    enter,  // it is a message: its fields come
  };
  // The numbers of the fields that lead there, the one in question last.
  using Path = std::span<const std::uint32_t>;

  virtual ~ProtoVisitor() = default;
  virtual Wish wish(Path path) = 0;  // a field of type 2 begins
  virtual void number(Path path, std::uint64_t value) = 0;
  virtual void bytes(Path path, ByteView value) = 0;
  // A message that was entered is over. broken: from some point on its fields made no sense, and were
  // skipped.
  virtual void left(Path path, bool broken) = 0;
};

class ProtoStream {
 public:
  static constexpr std::size_t kWhole = 4096;  // bytes of a field
  static constexpr std::size_t kDepth = 8;     // of messages that are entered

  explicit ProtoStream(ProtoVisitor& visitor) : visitor_(visitor) {}

  // malformed: the outermost message makes no sense. One that was entered may not: it is skipped to its end,
  // since its length is known, and what follows it counts.
  Status feed(ByteView data);
  Status end() const;  // malformed: in the middle of a field

 private:
  enum class State { tag, number, length, skip, whole };
  struct Frame {
    std::uint64_t end = 0;  // where it ends, counted from the beginning of all
    bool broken = false;
  };

  Status byte(std::uint8_t value);
  Status varint_done();
  Status field(std::uint64_t length);
  Status spoilt(const char* what);
  void close_frames();
  std::uint64_t room() const;

  ProtoVisitor& visitor_;
  State state_ = State::tag;
  std::uint64_t at_ = 0;
  std::uint64_t varint_ = 0;
  unsigned shift_ = 0;
  std::uint64_t left_ = 0;  // of skip and whole
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> path_;  // of the frames, and of the field that is being read
  Bytes whole_;
};

}  // namespace pigeond::wire
