patform_test(engine_apply_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/executor_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/grant_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/rotation_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/two_versions_test.cc
  DEPENDS patform_fakes)
patform_test(engine_crash_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/crash_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/random_test.cc
  DEPENDS patform_fakes)
