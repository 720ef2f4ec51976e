# Builds compile the headers of others once instead of in each of some 500 files. The release build does without, but
# compiles several files as one: that a file names each header of others that it uses, no build shows.

option(PIGEOND_PRECOMPILE "precompile the headers of the standard library, of JSON and of GoogleTest" OFF)

set(pigeond_precompiled <algorithm> <array> <atomic> <cstdint> <cstdlib> <cstring> <deque> <filesystem> <fstream> <functional>
  <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <nlohmann/json.hpp>)

# pigeond_precompiled_headers(layers LIBS ... HEADERS ...): a set that the targets of one kind share.
function(pigeond_precompiled_headers name)
  if(NOT PIGEOND_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "LIBS;HEADERS" ${ARGN})
  set(nothing ${CMAKE_CURRENT_BINARY_DIR}/precompiled_${name}.cc)
  file(CONFIGURE OUTPUT ${nothing} CONTENT "")
  add_library(precompiled_${name} OBJECT ${nothing})
  target_link_libraries(precompiled_${name} PRIVATE ${arg_LIBS})
  target_precompile_headers(precompiled_${name} PRIVATE ${pigeond_precompiled} ${arg_HEADERS})
endfunction()

function(pigeond_precompile target name)
  if(PIGEOND_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM precompiled_${name})
  endif()
endfunction()

# What ccache asks for (its manual, "Precompiled headers").
if(PIGEOND_PRECOMPILE AND CCACHE)
  set(sloppy ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${sloppy})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${sloppy})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  else()
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endif()
