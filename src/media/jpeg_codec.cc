#include "media/jpeg_codec.h"

#include <csetjmp>
#include <cstdio>  // jpeglib.h wants FILE and size_t declared
#include <cstdlib>

#include <jerror.h>
#include <jpeglib.h>

#include "base/limits.h"

namespace pigeond::media {
namespace {

// jpeg_error_mgr first: what the library hands to its handlers is a pointer to that.
struct Errors {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  JpegEnd end;
};

[[noreturn]] void leave(j_common_ptr info, JpegEnd end) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  errors->end = end;
  std::longjmp(errors->jump, 1);
}

[[noreturn]] void on_error(j_common_ptr info) {
  const int code = info->err->msg_code;
  leave(info,
        code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE ? JpegEnd::too_large : JpegEnd::damaged);
}

void on_message(j_common_ptr, int) {}  // warnings: what is cut or wrong in places is shown as far as it goes
void on_output(j_common_ptr) {}        // and nothing is ever written to the terminal

jpeg_error_mgr* prepare(Errors& errors) {
  jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
  errors.manager.output_message = on_output;
  errors.end = JpegEnd::fine;
  return &errors.manager;
}

}  // namespace

struct JpegDecoder {
  jpeg_decompress_struct info;
  Errors errors;
  jpeg_source_mgr input;
  jpeg_progress_mgr progress;
  Source* source;
  std::uint64_t offset;  // of what is read next
  std::uint8_t buffer[16 * 1024];
  bool created, cmyk, inverted;
  std::uint8_t* row;  // CMYK, of the library's memory
};

namespace {

JpegDecoder* decoder_of(j_decompress_ptr info) {
  return static_cast<JpegDecoder*>(info->client_data);
}

// The Result has a destructor, and is gone when this returns.
bool pull(JpegDecoder* decoder, std::size_t& count) {
  auto got = decoder->source->read(decoder->offset, decoder->buffer);
  count = got ? *got : 0;
  return got.ok();
}

void init_source(j_decompress_ptr) {}
void term_source(j_decompress_ptr) {}

// At the end of a file the library is told an end of the image, as by its own reader of files.
boolean fill(j_decompress_ptr info) {
  JpegDecoder* decoder = decoder_of(info);
  std::size_t count = 0;
  if (!pull(decoder, count)) leave(reinterpret_cast<j_common_ptr>(info), JpegEnd::unreadable);
  decoder->offset += count;
  if (count == 0) {
    decoder->buffer[0] = 0xFF;
    decoder->buffer[1] = JPEG_EOI;
    count = 2;
  }
  decoder->input.next_input_byte = decoder->buffer;
  decoder->input.bytes_in_buffer = count;
  return TRUE;
}

void skip(j_decompress_ptr info, long count) {
  JpegDecoder* decoder = decoder_of(info);
  if (count <= 0) return;
  const auto wanted = static_cast<std::size_t>(count);
  const std::size_t here = decoder->input.bytes_in_buffer;
  if (wanted > here) decoder->offset += wanted - here;
  const std::size_t taken = wanted < here ? wanted : here;
  decoder->input.next_input_byte += taken;
  decoder->input.bytes_in_buffer -= taken;
}

// A few bytes are a scan, and each costs a walk over all coefficients.
void on_progress(j_common_ptr info) {
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(info);
  if (decompress->input_scan_number > limits::kJpegScans) leave(info, JpegEnd::too_large);
}

// Where a picture comes in several scans, the library keeps the coefficients of all of it: two bytes for each
// sample of each component, in whole blocks of 8 x 8.
std::uint64_t coefficient_bytes(const jpeg_decompress_struct& info) {
  std::uint64_t bytes = 0;
  for (int i = 0; i < info.num_components; ++i) {
    const auto& component = info.comp_info[i];
    const auto columns = static_cast<std::uint64_t>(component.width_in_blocks) + component.h_samp_factor;
    const auto rows = static_cast<std::uint64_t>(component.height_in_blocks) + component.v_samp_factor;
    bytes += columns * rows * sizeof(JBLOCK);
  }
  return bytes;
}

unsigned scale_for(unsigned stored, unsigned wanted) {
  for (unsigned scale = 1; scale < 8; ++scale)
    if ((std::uint64_t{stored} * scale + 7) / 8 >= wanted) return scale;
  return 8;
}

}  // namespace

JpegDecoder* jpeg_decoder_new(Source& source) {
  auto* decoder = static_cast<JpegDecoder*>(std::calloc(1, sizeof(JpegDecoder)));
  if (decoder != nullptr) decoder->source = &source;
  return decoder;
}

void jpeg_decoder_free(JpegDecoder* decoder) {
  if (decoder == nullptr) return;
  if (decoder->created) jpeg_destroy_decompress(&decoder->info);
  std::free(decoder);
}

JpegEnd jpeg_begin(JpegDecoder* decoder, unsigned long_side, JpegPicture& picture) {
  jpeg_decompress_struct& info = decoder->info;
  info.err = prepare(decoder->errors);
  if (setjmp(decoder->errors.jump) != 0) return decoder->errors.end;
  decoder->created = true;  // so far of zeros, which may be destroyed too
  jpeg_CreateDecompress(&info, JPEG_LIB_VERSION, sizeof info);
  info.client_data = decoder;
  decoder->input.init_source = init_source;
  decoder->input.fill_input_buffer = fill;
  decoder->input.skip_input_data = skip;
  decoder->input.resync_to_restart = jpeg_resync_to_restart;
  decoder->input.term_source = term_source;
  info.src = &decoder->input;
  decoder->progress.progress_monitor = on_progress;
  info.progress = &decoder->progress;
  info.mem->max_memory_to_use = static_cast<long>(limits::kJpegMemory + limits::kJpegMemory / 4);

  jpeg_read_header(&info, TRUE);
  if (std::uint64_t{info.image_width} * info.image_height > limits::kJpegPixels) return JpegEnd::too_large;
  if (jpeg_has_multiple_scans(&info) && coefficient_bytes(info) > limits::kJpegMemory)
    return JpegEnd::too_large;
  decoder->cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  decoder->inverted = info.saw_Adobe_marker;
  info.out_color_space = decoder->cmyk ? JCS_CMYK : JCS_RGB;
  info.do_fancy_upsampling = FALSE;
  info.scale_num =
      scale_for(info.image_width > info.image_height ? info.image_width : info.image_height, long_side);
  info.scale_denom = 8;
  jpeg_start_decompress(&info);
  if (decoder->cmyk)
    decoder->row = static_cast<std::uint8_t*>(info.mem->alloc_large(
        reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE, std::size_t{4} * info.output_width));
  picture = {info.image_width, info.image_height, info.output_width, info.output_height};
  return JpegEnd::fine;
}

JpegEnd jpeg_row(JpegDecoder* decoder, std::uint8_t* rgb) {
  if (setjmp(decoder->errors.jump) != 0) return decoder->errors.end;
  jpeg_decompress_struct& info = decoder->info;
  JSAMPROW row = decoder->cmyk ? decoder->row : rgb;
  if (jpeg_read_scanlines(&info, &row, 1) != 1) return JpegEnd::damaged;
  if (!decoder->cmyk) return JpegEnd::fine;
  for (std::size_t i = 0; i < info.output_width; ++i) {
    // Photoshop's files, which carry Adobe's marker, store how much of a colour is missing.
    const std::uint8_t* from = decoder->row + 4 * i;
    const unsigned black = decoder->inverted ? from[3] : 255u - from[3];
    for (std::size_t k = 0; k < 3; ++k) {
      const unsigned colour = decoder->inverted ? from[k] : 255u - from[k];
      rgb[3 * i + k] = static_cast<std::uint8_t>(colour * black / 255);
    }
  }
  return JpegEnd::fine;
}

namespace {

struct Encoder {
  jpeg_compress_struct info;
  Errors errors;
  jpeg_destination_mgr output;
};

void init_destination(j_compress_ptr) {}
void term_destination(j_compress_ptr) {}
boolean no_more_room(j_compress_ptr info) {
  leave(reinterpret_cast<j_common_ptr>(info), JpegEnd::too_large);
}

JpegEnd run(Encoder* encoder, const std::uint8_t* rgb, unsigned width, unsigned height, int quality) {
  jpeg_compress_struct& info = encoder->info;
  info.err = prepare(encoder->errors);
  if (setjmp(encoder->errors.jump) != 0) return encoder->errors.end;
  jpeg_CreateCompress(&info, JPEG_LIB_VERSION, sizeof info);
  info.dest = &encoder->output;
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  info.optimize_coding = TRUE;
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < height) {
    // The library's rows are not const, and it only reads them.
    JSAMPROW row = const_cast<JSAMPROW>(rgb + std::size_t{3} * width * info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return JpegEnd::fine;
}

}  // namespace

JpegEnd jpeg_encode(const std::uint8_t* rgb, unsigned width, unsigned height, int quality, std::uint8_t* out,
                    std::size_t room, std::size_t& used) {
  Encoder encoder{};
  encoder.output.next_output_byte = out;
  encoder.output.free_in_buffer = room;
  encoder.output.init_destination = init_destination;
  encoder.output.empty_output_buffer = no_more_room;
  encoder.output.term_destination = term_destination;
  const JpegEnd end = run(&encoder, rgb, width, height, quality);
  used = room - encoder.output.free_in_buffer;
  jpeg_destroy_compress(&encoder.info);
  return end;
}

}  // namespace pigeond::media
