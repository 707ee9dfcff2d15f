add_executable(attack_probe ${CMAKE_CURRENT_LIST_DIR}/probe.cc)
target_link_libraries(attack_probe PRIVATE patform_report)
