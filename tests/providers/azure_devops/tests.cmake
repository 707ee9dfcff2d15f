patform_test(providers_azure_devops_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/bearer_hint_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_api_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_errors_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_provider_test.cc
  DEPENDS patform_azure_devops)
