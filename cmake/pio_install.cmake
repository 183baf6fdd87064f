# What `cmake --install` puts in place: the program (component program); the engine and the built-in models as static
# libraries, their headers and the CMake package InferencePIO (component library).
include(CMakePackageConfigHelpers)

if(TARGET inference-pio)
  install(TARGETS inference-pio RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
# Objects of link-time optimization serve one version of one compiler: no library of them.
if(NOT PIO_LTO)
  get_property(pio_libraries GLOBAL PROPERTY PIO_LIBRARIES)
  add_library(pio_all INTERFACE)
  target_link_libraries(pio_all INTERFACE pio_models)
  set_target_properties(pio_all PROPERTIES EXPORT_NAME inference_pio)
  install(TARGETS pio_all pio_models ${pio_libraries} EXPORT InferencePIOTargets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/pio DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
          FILES_MATCHING PATTERN "*.h" PATTERN "*.inc"
          PATTERN "*_test_*.h" EXCLUDE PATTERN "*_bench_*.h" EXCLUDE PATTERN "*_test.h" EXCLUDE PATTERN "*.inl.h" EXCLUDE)
  set(pio_package ${CMAKE_INSTALL_LIBDIR}/cmake/InferencePIO)
  install(EXPORT InferencePIOTargets NAMESPACE InferencePIO:: DESTINATION ${pio_package} COMPONENT library)
  configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/InferencePIOConfig.cmake.in
                                ${CMAKE_CURRENT_BINARY_DIR}/InferencePIOConfig.cmake INSTALL_DESTINATION ${pio_package})
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/InferencePIOConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/InferencePIOConfig.cmake
                ${CMAKE_CURRENT_BINARY_DIR}/InferencePIOConfigVersion.cmake
          DESTINATION ${pio_package} COMPONENT library)
endif()
