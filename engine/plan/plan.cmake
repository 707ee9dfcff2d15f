patform_library(patform_plan
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/approval.cc
          ${CMAKE_CURRENT_LIST_DIR}/canonical_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/classify.cc
          ${CMAKE_CURRENT_LIST_DIR}/desired_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/identity.cc
          ${CMAKE_CURRENT_LIST_DIR}/json_fields.cc
          ${CMAKE_CURRENT_LIST_DIR}/places.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan_file.cc
          ${CMAKE_CURRENT_LIST_DIR}/plan_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/policy_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/saved_plan.cc
          ${CMAKE_CURRENT_LIST_DIR}/sealed_json.cc
          ${CMAKE_CURRENT_LIST_DIR}/snapshot_file.cc
  DEPENDS patform_policy Boost::json)
