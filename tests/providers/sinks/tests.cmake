patform_test(providers_sinks_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/commit_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/commit_order_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/directory_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/directory_lock_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/dotenv_sink_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/dotenv_text_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/file_sink_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/race_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/record_json_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/sinks_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/system_calls.cc
  DEPENDS patform_sinks Threads::Threads)
