patform_test(providers_pull_requests_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/azure_repos_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/github_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/host_test.cc
  DEPENDS patform_pull_requests)
