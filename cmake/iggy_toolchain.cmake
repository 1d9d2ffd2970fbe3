# Compiler settings shared by every target of this project. `iggy_warnings` never reaches a consumer.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

include(GNUInstallDirs)

find_program(IGGY_CCACHE ccache)
if(IGGY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${IGGY_CCACHE})
endif()
find_program(IGGY_MOLD mold)
if(IGGY_MOLD AND PROJECT_IS_TOP_LEVEL)
    add_link_options(-fuse-ld=mold)
endif()

if(IGGY_SANITIZE)
    add_compile_options(-fsanitize=${IGGY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${IGGY_SANITIZE})
endif()

add_library(iggy_warnings INTERFACE)
target_compile_options(iggy_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum
    $<$<BOOL:${IGGY_WARNINGS_AS_ERRORS}>:-Werror>)

# iggy_ignore_maybe_uninitialized(SOURCES...): GCC 12 takes the empty std::optional of a returned
# struct for uninitialised when it optimises, and with ASan the inside of std::regex. For the files
# of this directory in which it does.
function(iggy_ignore_maybe_uninitialized)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -Wno-maybe-uninitialized)
    endif()
endfunction()
