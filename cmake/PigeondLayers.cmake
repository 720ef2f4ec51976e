# One folder, one static library, one test program: pigeond_layer(wire DEPS base crypto) builds every
# src/wire/**.cc into pigeond_wire; pigeond_layer_test(wire) builds every tests/unit/wire/*_test.cc.
# A main.cc is a program's, never a layer's.

include(PigeondUnity)
add_library(pigeond_options INTERFACE)
target_compile_options(pigeond_options INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor
  -Wold-style-cast -Werror)
if(NOT PIGEOND_UNITY)  # there neighbours' names would be shadowed
  target_compile_options(pigeond_options INTERFACE -Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  if(PIGEOND_UNITY)  # a source file that another one includes looks like a header, whose unnamed namespaces are a mistake
    target_compile_options(pigeond_options INTERFACE -Wno-subobject-linkage)
  endif()
  # Optimising, GCC 12 to 14 see overruns in std::vector::insert and std::string that are not there (GCC bugs 105329,
  # 105562, 105651). What they look for is ASan's to find.
  target_compile_options(pigeond_options INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-restrict -Wno-maybe-uninitialized)
endif()
target_include_directories(pigeond_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  # What is optimised at link time gets its sections then. Sorted by name a namespace lies together, and what a gateway
  # seldom runs lies apart.
  add_link_options(-ffunction-sections -fdata-sections -Wl,--sort-section=name -Wl,-T,${CMAKE_SOURCE_DIR}/cmake/apart.ld)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")  # many programs with debug information: lld links one in a fifth of the time
  find_program(PIGEOND_LLD ld.lld)
  if(PIGEOND_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()
if(PIGEOND_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(PIGEOND_FUZZ)  # coverage for the fuzzers; the unit tests of the same build do without it
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(PIGEOND_STATIC)
  add_link_options(-static)
endif()
include(PigeondPrecompiled)
pigeond_precompiled_headers(layers LIBS pigeond_options)

function(pigeond_layer name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(pigeond_${name} STATIC ${sources})
    pigeond_precompile(pigeond_${name} layers)
    pigeond_unity(pigeond_${name} ${sources})
    set(scope PUBLIC)
  else()
    add_library(pigeond_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(pigeond_${name} ${scope} pigeond_options ${arg_LIBS})
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(pigeond_${name} ${scope} pigeond_${dep})
  endforeach()
endfunction()

function(pigeond_layer_test name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${name}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  pigeond_precompile(${name}_test tests)
  pigeond_unity(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE pigeond_${name} ${arg_LIBS} GTest::gtest GTest::gtest_main)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_test PRIVATE PIGEOND_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
  if(PIGEOND_SANITIZE OR CMAKE_CROSSCOMPILING)  # a process is dear here: one runs all tests of the layer
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT 1800)
  else()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}/ DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
