# Every library that is not ours, found once. All come from Debian 12's own packages.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(absl REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(pugixml REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS headers json url)
find_package(GTest REQUIRED)
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)

add_library(third_party_re2 INTERFACE)
target_include_directories(third_party_re2 SYSTEM INTERFACE ${RE2_INCLUDE})
target_link_libraries(third_party_re2 INTERFACE ${RE2_LIBRARY})

add_library(third_party_asio INTERFACE)
target_link_libraries(third_party_asio INTERFACE Boost::headers Threads::Threads)
