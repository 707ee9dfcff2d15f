patform_test(providers_http_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/client_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/proxy_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/retry_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/url_test.cc
  DEPENDS patform_http patform_http_server)
