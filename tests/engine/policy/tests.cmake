patform_test(engine_policy_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/existing_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/guards_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/rules_test.cc
  DEPENDS patform_policy)
