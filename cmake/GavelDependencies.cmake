# Every dependency is a package of the system; nothing is fetched at configure time.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

foreach(dependency
        zmq:libzmq curl:libcurl sqlite:sqlite3 cjson:libcjson zlib:zlib zstd:libzstd
        yaml:yaml-0.1 sodium:libsodium gmp:gmp mpfr:mpfr pcre2:libpcre2-8)
  string(REPLACE ":" ";" parts ${dependency})
  list(GET parts 0 name)
  list(GET parts 1 module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
endforeach()

find_path(UNISTRING_INCLUDE_DIR unistr.h REQUIRED)
find_library(UNISTRING_LIBRARY unistring REQUIRED)
find_path(UTHASH_INCLUDE_DIR uthash.h REQUIRED)
find_path(MPFI_INCLUDE_DIR mpfi.h REQUIRED)
find_library(MPFI_LIBRARY mpfi REQUIRED)
