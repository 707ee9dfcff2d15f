patform_test(engine_base_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/clock_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/diagnostic_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/pattern_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/secret_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/sha256_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/status_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/strings_test.cc
  DEPENDS patform_base)
patform_test(engine_base_wipe_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/wipe_test.cc
  DEPENDS patform_base)
