patform_test(providers_system_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/system_files_test.cc
  DEPENDS patform_system)
