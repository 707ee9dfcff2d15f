patform_library(patform_sinks
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/commit.cc
          ${CMAKE_CURRENT_LIST_DIR}/directory.cc
          ${CMAKE_CURRENT_LIST_DIR}/directory_lock.cc
          ${CMAKE_CURRENT_LIST_DIR}/dotenv_sink.cc
          ${CMAKE_CURRENT_LIST_DIR}/dotenv_text.cc
          ${CMAKE_CURRENT_LIST_DIR}/file_sink.cc
          ${CMAKE_CURRENT_LIST_DIR}/posix.cc
          ${CMAKE_CURRENT_LIST_DIR}/record_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/siphash.cc
          ${CMAKE_CURRENT_LIST_DIR}/sinks.cc
  DEPENDS patform_model Boost::json)
