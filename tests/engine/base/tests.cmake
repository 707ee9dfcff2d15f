patform_test(engine_base_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sha256_test.cc
  DEPENDS patform_base)
