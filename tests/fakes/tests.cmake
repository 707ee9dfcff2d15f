patform_library(patform_fakes
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/fake_provider.cc
          ${CMAKE_CURRENT_LIST_DIR}/fake_sink.cc
          ${CMAKE_CURRENT_LIST_DIR}/world.cc
  DEPENDS patform_apply)
