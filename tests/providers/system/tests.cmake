patform_test(providers_system_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/output_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/reserve_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/signals_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/system_files_test.cc
  DEPENDS patform_system)
