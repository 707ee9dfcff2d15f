patform_test(providers_azure_devops_emulator_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/admin_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/api_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/auth_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/faults_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/flags_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/paging_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/pull_requests_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/rules_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/server_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/sqlite_log_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/wire_test.cc
  DEPENDS patform_emulator patform_http_server Boost::json OpenSSL::SSL)
