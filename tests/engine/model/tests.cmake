patform_test(engine_model_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/authorization_id_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/desired_state_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/mark_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/places_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/scope_set_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/token_test.cc
  DEPENDS patform_model absl::hash)
