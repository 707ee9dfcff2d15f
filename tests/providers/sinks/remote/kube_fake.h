#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {

// The part of an API server that keeps Secrets, as 1.37 answers: server-side
// apply with its owners and conflicts, merge patches, preconditions, lists in
// pages, dry runs. It answers nobody who asks for data.
class KubeFake : public StoreFake {
 public:
  struct Owner {
    std::string manager;
    bool applies = false;
    absl::Time time;
    std::set<std::string> fields;
  };
  struct Object {
    std::string uid;
    int64_t revision = 0;
    bool immutable = false;
    // "data/token", "annotations/…", "labels/…", "type"; data decoded.
    std::map<std::string, std::string> fields;
    std::vector<Owner> owners;
  };

  http::Response Answer(const http::Request& request) override;
  std::optional<std::string> Served(const Delivery& place) const override;
  void WriteAsOther(const Delivery& place, const std::string& value) override;

  // Sets `field` ("": takes it away), as kubectl edit or apply does it.
  void Set(const std::string& object, const std::string& field,
           const std::string& value, const std::string& manager = "human",
           bool applies = false);

  std::map<std::string, Object> objects;        // by "ado/ci"
  std::set<std::string> forbidden;              // verbs: "list", "delete"
  std::map<std::string, std::string> restarts;  // "ado/deployments/a" → body
  std::string bearer;                           // that is taken; "": any
  size_t page = 500;
  std::function<void(const http::Request&)> before;  // each request
  std::vector<std::string> lines;                    // "PATCH ado/ci dry"

 private:
  struct Target;
  http::Response Patch(const http::Request& request, const Target& target);
  http::Response Apply(const http::Request& request, const Target& target);
  http::Response Merge(const http::Request& request, const Target& target);
  http::Response Delete(const http::Request& request, const Target& target);
  http::Response List(const Target& target) const;
  std::string Metadata(const std::string& path, const Object& object) const;
  http::Response Shown(int status, const std::string& path,
                       const Object& object) const;
  // Gives `field` to one owner alone, or takes it from all; `shared`: to one
  // more.
  void Own(Object& object, const std::string& field, const std::string& manager,
           bool applies, bool shared = false);

  int64_t revision_ = 100;
  int made_ = 0;
};

}  // namespace patform::sinks
