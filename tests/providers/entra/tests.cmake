patform_test(providers_entra_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/claims_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/environment_credential_test.cc
  DEPENDS patform_entra)
