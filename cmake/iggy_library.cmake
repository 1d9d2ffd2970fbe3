# iggy_library(NAME [VERSIONED_DEPENDS pkg...]) finishes a library target iggy_<NAME> that the caller created:
# alias iggy::<NAME>, warnings, install rules, a CMake package iggy_<NAME> and a pkg-config file iggy_<NAME>.pc.
#
#   FIND      lines for the package's Config file, e.g. "find_dependency(fmt)"
#   REQUIRES  pkg-config names that a static link of this library needs
#   LIBS      plain linker flags for the same purpose

include(CMakePackageConfigHelpers)

function(iggy_library name)
    cmake_parse_arguments(arg "" "" "FIND;REQUIRES;LIBS" ${ARGN})
    set(target iggy_${name})
    add_library(iggy::${name} ALIAS ${target})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:iggy_warnings>)
    target_compile_features(${target} PUBLIC cxx_std_20)
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${name}
        POSITION_INDEPENDENT_CODE ON
        VERIFY_INTERFACE_HEADER_SETS ON)

    set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/${target})
    # The component is for who wants the libraries without the programs.
    install(TARGETS ${target} EXPORT ${target}Targets
        ARCHIVE COMPONENT development
        LIBRARY COMPONENT development
        FILE_SET HEADERS COMPONENT development)
    install(EXPORT ${target}Targets NAMESPACE iggy:: DESTINATION ${package_dir} COMPONENT development)

    list(JOIN arg_FIND "\n" IGGY_FIND_LINES)
    set(IGGY_TARGETS_FILE ${target}Targets.cmake)
    configure_package_config_file(
        ${PROJECT_SOURCE_DIR}/cmake/library-config.cmake.in
        ${CMAKE_CURRENT_BINARY_DIR}/${target}Config.cmake
        INSTALL_DESTINATION ${package_dir})
    write_basic_package_version_file(
        ${CMAKE_CURRENT_BINARY_DIR}/${target}ConfigVersion.cmake
        COMPATIBILITY SameMinorVersion)
    install(FILES
        ${CMAKE_CURRENT_BINARY_DIR}/${target}Config.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/${target}ConfigVersion.cmake
        DESTINATION ${package_dir}
        COMPONENT development)

    list(JOIN arg_REQUIRES " " IGGY_PC_REQUIRES)
    list(JOIN arg_LIBS " " IGGY_PC_LIBS)
    set(IGGY_PC_NAME ${target})
    # Seen from the file itself, so that the prefix may be chosen, or moved, at install time.
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
        BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
        OUTPUT_VARIABLE up)
    set(IGGY_PC_PREFIX "\${pcfiledir}/${up}")
    configure_file(
        ${PROJECT_SOURCE_DIR}/cmake/library.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${target}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${target}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)
endfunction()
