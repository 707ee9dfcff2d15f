patform_library(patform_plan
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/approval.cc
          ${CMAKE_CURRENT_LIST_DIR}/canonical_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/classify.cc
          ${CMAKE_CURRENT_LIST_DIR}/configuration.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan.cc
  DEPENDS patform_policy Boost::json)
