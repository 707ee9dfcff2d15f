patform_test(engine_cli_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/help_text_test.cc
  DEPENDS patform_cli)
