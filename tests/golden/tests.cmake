patform_test(golden_saved_plan_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/saved_plan_test.cc
  DEPENDS patform_fakes patform_report
  SUITE golden)
patform_test(golden_plan_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/plan_test.cc
  DEPENDS patform_report
  SUITE golden)
patform_test(golden_formats_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/formats_test.cc
  DEPENDS patform_fakes patform_report
  SUITE golden)
patform_test(golden_audit_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/audit_test.cc
  DEPENDS patform_fakes patform_report
  SUITE golden)
