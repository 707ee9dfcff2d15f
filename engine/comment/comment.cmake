patform_library(patform_comment_port
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/pull_request.cc
  DEPENDS patform_base)
patform_library(patform_comment
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/decide.cc
          ${CMAKE_CURRENT_LIST_DIR}/publish.cc
          ${CMAKE_CURRENT_LIST_DIR}/target.cc
  DEPENDS patform_comment_port patform_report Boost::json)
