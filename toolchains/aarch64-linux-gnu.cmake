# ARM64 on another machine: the distribution's cross compiler, its libraries of the foreign architecture
# (dpkg --add-architecture arm64), and qemu-user to run the tests. Programs are linked with -static, so that qemu needs
# no file of an ARM64 system.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_IGNORE_PATH /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/cmake)

find_program(PIGEOND_QEMU NAMES qemu-aarch64-static qemu-aarch64)
if(PIGEOND_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${PIGEOND_QEMU})
endif()
