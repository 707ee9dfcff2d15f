add_executable(read_probe ${CMAKE_CURRENT_LIST_DIR}/read_probe.cc)
target_link_libraries(read_probe PRIVATE patform_desired patform_system)
