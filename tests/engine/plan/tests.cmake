patform_test(engine_plan_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/plan_test.cc
  DEPENDS patform_fakes)
