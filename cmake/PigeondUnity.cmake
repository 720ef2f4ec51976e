# Builds that are made once compile several files of a layer as one: most of what a compiler does for one of our files is
# headers and templates that its neighbours need too. The development build compiles each file by itself: there each has
# to include what it uses of ours, a change costs one file, and no name may shadow another.

set(PIGEOND_UNITY 0 CACHE STRING "so many source files are compiled as one; 0: each by itself")

function(pigeond_unity target)
  if(NOT PIGEOND_UNITY)
    return()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(sources ${ARGN})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/unity_groups.py ${PIGEOND_UNITY} ${sources}
    OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^(.*)=([0-9]+)$" matched "${line}")
    set_source_files_properties(${CMAKE_MATCH_1} PROPERTIES UNITY_GROUP ${CMAKE_MATCH_2})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # Which files go together depends on what is in them.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/cmake/unity_groups.py)
endfunction()
