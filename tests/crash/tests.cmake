# What tests/crash puts between patform and the C library. Not linked with
# anything: it is loaded into the program that the other suites run, too.
add_library(patform_boundary MODULE
  ${CMAKE_CURRENT_LIST_DIR}/boundary.cc ${CMAKE_CURRENT_LIST_DIR}/power.cc)
target_link_libraries(patform_boundary PRIVATE patform_flags ${CMAKE_DL_LIBS})
