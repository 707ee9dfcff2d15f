patform_library(patform_azure_devops
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/bearer_hint.cc
          ${CMAKE_CURRENT_LIST_DIR}/json_twins.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_api.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_errors.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_page.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_provider.cc
          ${CMAKE_CURRENT_LIST_DIR}/pat_service.cc
          ${CMAKE_CURRENT_LIST_DIR}/token_errors.cc
  DEPENDS patform_http patform_model Boost::json)
