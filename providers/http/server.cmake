patform_library(patform_http_server
  SOURCES certificate.cc connection.cc server.cc
  DEPENDS patform_base patform_boost absl::status absl::statusor absl::strings
          Threads::Threads)
