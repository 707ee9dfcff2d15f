patform_test(engine_diff_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/decide_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/diff_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/endings_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/view_test.cc
  DEPENDS patform_diff patform_fakes)
