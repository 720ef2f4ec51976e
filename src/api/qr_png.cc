#include "api/qr_png.h"

#include <zlib.h>

#include <optional>
#include <qrcodegen/qrcodegen.hpp>

namespace pigeond::api {
namespace {

constexpr int kQuietZone = 4;  // modules; ISO/IEC 18004 asks for them

void append_chunk(Bytes& out, std::string_view type, ByteView data) {
  append_be(out, data.size(), 4);
  const auto start = out.size();
  out.insert(out.end(), type.begin(), type.end());
  out.insert(out.end(), data.begin(), data.end());
  append_be(out, crc32(0, out.data() + start, static_cast<uInt>(out.size() - start)), 4);
}

// Rows of one filter byte (none) and one bit a pixel, 1 = white.
Bytes pixel_rows(const qrcodegen::QrCode& code, int side, int scale) {
  const int row_bytes = (side + 7) / 8;
  Bytes rows;
  rows.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(row_bytes + 1));
  for (int y = 0; y < side; ++y) {
    rows.push_back(0);
    Bytes row(static_cast<std::size_t>(row_bytes), 0xff);
    for (int x = 0; x < side; ++x) {
      if (code.getModule(x / scale - kQuietZone, y / scale - kQuietZone))
        row[static_cast<std::size_t>(x / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (x % 8)));
    }
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

Bytes deflate_all(ByteView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  compress2(out.data(), &size, data.data(), static_cast<uLong>(data.size()), 9);
  out.resize(size);
  return out;
}

}  // namespace

Result<Bytes> qr_png(std::string_view text, int scale) {
  std::optional<qrcodegen::QrCode> code;
  try {
    code = qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::LOW);
  } catch (const std::exception&) {
    return fail(Cause::too_large, "text does not fit into a QR code");
  }
  const int side = (code->getSize() + 2 * kQuietZone) * scale;
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  append_be(header, static_cast<std::uint64_t>(side), 4);
  append_be(header, static_cast<std::uint64_t>(side), 4);
  header.insert(header.end(), {1, 0, 0, 0, 0});  // 1 bit, grey, deflate, no filter method, not interlaced
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", deflate_all(pixel_rows(*code, side, scale)));
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace pigeond::api
