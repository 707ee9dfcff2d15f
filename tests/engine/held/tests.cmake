patform_test(engine_held_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/encode_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_records_test.cc
  DEPENDS patform_held)
