patform_test(engine_pipeline_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/early_lists_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/offline_test.cc
  DEPENDS patform_fakes patform_pipeline)
