patform_test(read_desired_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/read_desired_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/duration_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/interpolate_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/policy_merge_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/scope_catalog_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_limits_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_writer_test.cc
  DEPENDS patform_desired)
