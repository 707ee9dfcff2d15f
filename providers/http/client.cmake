patform_library(patform_http
  SOURCES http_client.cc proxy.cc retry.cc transport.cc url.cc
  DEPENDS patform_base patform_boost absl::strings absl::time)
