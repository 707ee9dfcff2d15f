patform_library(patform_actual
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/attribute.cc
          ${CMAKE_CURRENT_LIST_DIR}/list_ahead.cc
          ${CMAKE_CURRENT_LIST_DIR}/take_snapshot.cc
  DEPENDS patform_model absl::flat_hash_map absl::flat_hash_set
          Threads::Threads)
