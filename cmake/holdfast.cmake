# The shapes that repeat: a library of the house and a test program.

add_library(holdfast_options INTERFACE)
target_include_directories(holdfast_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(holdfast_options INTERFACE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers -Wno-gnu-statement-expression>)
# Asio and Beast are compiled once each (controller/world/real/asio.cc and beast.cc), not in every file that includes them.
target_compile_definitions(holdfast_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_HAS_CO_AWAIT)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(LLD NAMES ld.lld-19 ld.lld)
  if(LLD)
    target_link_options(holdfast_options INTERFACE --ld-path=${LLD})
  endif()
endif()
if(HOLDFAST_SANITIZE)
  target_compile_options(holdfast_options INTERFACE -fsanitize=${HOLDFAST_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(holdfast_options INTERFACE -fsanitize=${HOLDFAST_SANITIZE})
endif()
if(HOLDFAST_FUZZ)
  target_compile_options(holdfast_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A test's own source is compiled once and run once: optimizing it under sanitizers takes as long again as compiling it.
add_library(holdfast_test_options INTERFACE)
target_link_libraries(holdfast_test_options INTERFACE holdfast_options GTest::gmock)
if(HOLDFAST_SANITIZE)
  target_compile_options(holdfast_test_options INTERFACE -O0)
endif()

# One precompiled header of what most files include: a third of the time of a build. The benchmarks' preset goes without, and
# so shows a file that leaves an include out.
option(HOLDFAST_PCH "Compile the most used headers of other libraries once" OFF)
if(HOLDFAST_PCH)
  set(HOLDFAST_PCH_HEADERS <absl/container/flat_hash_map.h> <absl/time/time.h> <boost/asio/awaitable.hpp>
    <boost/json/array.hpp> <boost/json/object.hpp> <boost/json/value.hpp> <algorithm> <functional> <map> <memory>
    <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>)
  set(HOLDFAST_PCH_SOURCE ${CMAKE_BINARY_DIR}/precompiled.cc)
  file(CONFIGURE OUTPUT ${HOLDFAST_PCH_SOURCE} CONTENT "")
  target_compile_options(holdfast_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")  # so that ccache knows it again
  add_library(holdfast_pch OBJECT ${HOLDFAST_PCH_SOURCE})
  target_link_libraries(holdfast_pch PRIVATE holdfast_options)
  target_precompile_headers(holdfast_pch PRIVATE ${HOLDFAST_PCH_HEADERS})
  add_library(holdfast_test_pch OBJECT ${HOLDFAST_PCH_SOURCE})
  target_link_libraries(holdfast_test_pch PRIVATE holdfast_test_options)
  target_precompile_headers(holdfast_test_pch PRIVATE ${HOLDFAST_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
endif()

# holdfast_library(NAME SOURCES a.cc b.cc DEPS other_library third::party)
function(holdfast_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC holdfast_options ${ARG_DEPS})
    if(HOLDFAST_PCH)
      target_precompile_headers(${name} REUSE_FROM holdfast_pch)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE holdfast_options ${ARG_DEPS})
  endif()
endfunction()

# holdfast_test(NAME SOURCES a_test.cc DEPS library LABELS unit [TIMEOUT seconds])
# One ctest entry per program; a test that skips says why and is shown as skipped.
function(holdfast_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE holdfast_test_options ${ARG_DEPS} holdfast_test_main GTest::gmock GTest::gtest)
  if(HOLDFAST_PCH)
    target_precompile_headers(${name} REUSE_FROM holdfast_test_pch)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
