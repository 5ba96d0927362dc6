# How the house is put together: layers, one-file plug-ins, embedded SQL.

add_library(gavel_flags INTERFACE)
target_compile_definitions(gavel_flags INTERFACE _GNU_SOURCE GAVEL_VERSION="${PROJECT_VERSION}")
target_compile_options(gavel_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wformat=2 -Wvla -Wswitch-enum -Wpointer-arith -Wcast-qual -Wwrite-strings -Wno-overlength-strings
  -fstack-protector-strong -fno-strict-aliasing)
if(GAVEL_WERROR)
  target_compile_options(gavel_flags INTERFACE -Werror)
endif()
if(GAVEL_SANITIZE)
  target_compile_options(gavel_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(gavel_flags INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Some distributions define it already, and to define it twice is a warning.
  target_compile_options(gavel_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_include_directories(gavel_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_include_directories(gavel_flags SYSTEM INTERFACE
  ${UNISTRING_INCLUDE_DIR} ${UTHASH_INCLUDE_DIR} ${MPFI_INCLUDE_DIR})
target_link_libraries(gavel_flags INTERFACE
  PkgConfig::zmq PkgConfig::curl PkgConfig::sqlite PkgConfig::cjson PkgConfig::zlib
  PkgConfig::zstd PkgConfig::yaml PkgConfig::sodium ${MPFI_LIBRARY} PkgConfig::mpfr PkgConfig::gmp
  PkgConfig::pcre2 ${UNISTRING_LIBRARY} Threads::Threads m)

# gavel_layer(dir [below...] [SUBDIRS d...]): all .c files of a folder as one static library.
function(gavel_layer dir)
  cmake_parse_arguments(arg "" "" "SUBDIRS" ${ARGN})
  set(globs ${dir}/*.c)
  foreach(sub IN LISTS arg_SUBDIRS)
    list(APPEND globs ${dir}/${sub}/*.c)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  add_library(gavel_${dir} STATIC ${sources})
  target_link_libraries(gavel_${dir} PUBLIC gavel_flags)
  foreach(below IN LISTS arg_UNPARSED_ARGUMENTS)
    target_link_libraries(gavel_${dir} PUBLIC gavel_${below})
  endforeach()
endfunction()

# gavel_plugin_table(target dir kind): every file dir/<kind>_*.c ends in one
# `const struct <kind> <kind>_<name>`. The sorted table of them, <kind>_table[] with NULL at its end,
# is written here, so that a new plug-in is one new file.
function(gavel_plugin_table target dir kind)
  file(GLOB plugins CONFIGURE_DEPENDS ${dir}/${kind}_*.c)
  list(SORT plugins)
  set(declarations "")
  set(rows "")
  foreach(plugin IN LISTS plugins)
    get_filename_component(symbol ${plugin} NAME_WE)
    string(APPEND declarations "extern const struct ${kind} ${symbol};\n")
    string(APPEND rows "    &${symbol},\n")
  endforeach()
  set(table ${PROJECT_BINARY_DIR}/generated/${kind}_table.c)
  file(GENERATE OUTPUT ${table} CONTENT
"#include \"${dir}/${kind}.h\"

${declarations}
const struct ${kind} *const ${kind}_table[] = {
${rows}    0,
};
")
  target_sources(${target} PRIVATE ${table})
endfunction()

# gavel_embed_sql(target dir): the numbered migrations NNN_*.sql of a folder as a C table, in order.
function(gavel_embed_sql target dir)
  file(GLOB migrations CONFIGURE_DEPENDS ${dir}/*.sql)
  list(SORT migrations)
  set(rows "")
  foreach(migration IN LISTS migrations)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration})
    file(READ ${migration} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
    string(APPEND rows "    \"${text}\",\n")
  endforeach()
  set(table ${PROJECT_BINARY_DIR}/generated/store_migrations.c)
  file(GENERATE OUTPUT ${table} CONTENT
"#include \"coordinator/store/migrations.h\"

const char *const store_migrations[] = {
${rows}    0,
};
")
  target_sources(${target} PRIVATE ${table})
endfunction()
