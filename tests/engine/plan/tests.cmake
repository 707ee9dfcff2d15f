patform_test(engine_plan_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/approval_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/classify_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/desired_json_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/identity_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan_file_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/release_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/snapshot_file_test.cc
  DEPENDS patform_fakes patform_report Boost::json)
