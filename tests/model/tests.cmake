patform_library(patform_model_checker
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/world.cc
          ${CMAKE_CURRENT_LIST_DIR}/run.cc
          ${CMAKE_CURRENT_LIST_DIR}/explore.cc
          ${CMAKE_CURRENT_LIST_DIR}/setups.cc
  DEPENDS patform_apply)
add_executable(model_main ${CMAKE_CURRENT_LIST_DIR}/main.cc)
target_link_libraries(model_main PRIVATE patform_model_checker patform_flags)
