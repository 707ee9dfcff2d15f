patform_library(patform_held
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/encode.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_records.cc
  DEPENDS patform_model)
