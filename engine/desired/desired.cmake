include(${CMAKE_CURRENT_LIST_DIR}/embed.cmake)
patform_embed(${CMAKE_CURRENT_BINARY_DIR}/embedded_schemas.cc
  engine/desired/schemas.h
  ConfigurationSchema ${PROJECT_SOURCE_DIR}/schemas/patform.schema.json
  PlanSchema ${PROJECT_SOURCE_DIR}/schemas/plan.schema.json
  EventsSchema ${PROJECT_SOURCE_DIR}/schemas/events.schema.json
  StatusSchema ${PROJECT_SOURCE_DIR}/schemas/status.schema.json
  SavedPlanSchema ${PROJECT_SOURCE_DIR}/schemas/saved-plan.schema.json
  SnapshotSchema ${PROJECT_SOURCE_DIR}/schemas/snapshot.schema.json
  AuditSchema ${PROJECT_SOURCE_DIR}/schemas/audit.schema.json
  ScopeTable ${PROJECT_SOURCE_DIR}/schemas/scopes.tsv
  StarterFile ${PROJECT_SOURCE_DIR}/schemas/starter.toml)
patform_library(patform_desired
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/cross_checks.cc
          ${CMAKE_CURRENT_LIST_DIR}/duration.cc
          ${CMAKE_CURRENT_LIST_DIR}/interpolate.cc
          ${CMAKE_CURRENT_LIST_DIR}/merge_policy.cc
          ${CMAKE_CURRENT_LIST_DIR}/parse_ahead.cc
          ${CMAKE_CURRENT_LIST_DIR}/problems.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_desired.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_policy.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_sink.cc
          ${CMAKE_CURRENT_LIST_DIR}/read_token.cc
          ${CMAKE_CURRENT_LIST_DIR}/scope_catalog.cc
          ${CMAKE_CURRENT_LIST_DIR}/table_reader.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_limits.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_reader.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_text.cc
          ${CMAKE_CURRENT_LIST_DIR}/toml_writer.cc
          ${CMAKE_CURRENT_BINARY_DIR}/embedded_schemas.cc
  DEPENDS patform_model absl::flat_hash_map absl::flat_hash_set
          absl::function_ref absl::hash absl::inlined_vector Threads::Threads)
# Headers alone: see toml_reader.cc.
target_include_directories(patform_desired SYSTEM PRIVATE
  $<TARGET_PROPERTY:tomlplusplus::tomlplusplus,INTERFACE_INCLUDE_DIRECTORIES>)
