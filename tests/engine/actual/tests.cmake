patform_test(engine_actual_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/attribute_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/list_ahead_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/take_snapshot_test.cc
  DEPENDS patform_actual patform_diff patform_fakes)
