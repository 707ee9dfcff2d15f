patform_test(engine_comment_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/decide_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/publish_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/target_test.cc
  DEPENDS patform_fakes patform_comment)
