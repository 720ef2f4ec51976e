# pigeond_proto(target proto/x.proto): generates x.pb.h and x.pb.cc with nanopb into the build tree and adds them to the
# target. The code is compiled as C++, because members are C++ types (see wire/proto.h).

find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_GEN_NANOPB protoc-gen-nanopb REQUIRED)
find_path(NANOPB_PROTO nanopb.proto REQUIRED NO_CMAKE_FIND_ROOT_PATH
  PATHS /usr/lib/python3/dist-packages/proto /usr/lib/python3/dist-packages/nanopb/generator/proto
        /usr/share/nanopb/generator/proto)

function(pigeond_proto target file)
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR}/${file} DIRECTORY)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/proto)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(OUTPUT ${out}/${name}.pb.c ${out}/${name}.pb.h
    COMMAND ${PROTOC} --plugin=protoc-gen-nanopb=${PROTOC_GEN_NANOPB} -I${folder} -I${NANOPB_PROTO}
            --nanopb_opt=--cpp-descriptors --nanopb_out=${out} ${folder}/${name}.proto
    DEPENDS ${folder}/${name}.proto VERBATIM)
  set_source_files_properties(${out}/${name}.pb.c PROPERTIES LANGUAGE CXX
    COMPILE_OPTIONS "-Wno-invalid-offsetof;-Wno-old-style-cast;-Wno-pedantic")
  target_sources(${target} PRIVATE ${out}/${name}.pb.c ${out}/${name}.pb.h)
  target_include_directories(${target} SYSTEM PUBLIC ${out})
endfunction()
