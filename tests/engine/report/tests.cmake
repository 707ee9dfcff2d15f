patform_test(engine_report_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/attention_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/audit_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/junit_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/log_commands_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/markdown_text_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/result_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/sarif_writer_test.cc
  DEPENDS patform_report hostile_plan Boost::json)
patform_test(engine_status_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/status_test.cc
  DEPENDS patform_report patform_fakes)
patform_test(engine_adoption_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/adoption_test.cc
  DEPENDS patform_report patform_fakes)
