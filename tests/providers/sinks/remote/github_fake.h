#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "providers/http/transport.h"
#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {

// The secrets and variables of Actions of one repository, environment or
// organization, with the statuses of GitHub's OpenAPI description. It opens
// what is sealed, and refuses what was sealed for another key.
class GithubFake : public StoreFake {
 public:
  GithubFake();

  struct Kept {
    std::string value;
    absl::Time updated;  // whole seconds
    std::string visibility;
    std::vector<int64_t> repositories;
  };

  http::Response Answer(const http::Request& request) override;
  std::optional<std::string> Served(const Delivery& place) const override;
  void WriteAsOther(const Delivery& place, const std::string& value) override;
  void RenewKey();

  std::string base = "/repos/contoso/app/actions";
  bool hidden = false;  // 404 to everything, as for a private repository
  std::map<std::string, Kept> secrets;
  std::map<std::string, std::string> variables;
  std::vector<std::string> lines;  // "PUT /secrets/CI", of every request
  // "": none; answers instead of the next request.
  http::Response refusal;

 private:
  http::Response Do(const std::string& method, const std::string& path,
                    std::string_view body);
  http::Response OfSecret(const std::string& method, const std::string& name,
                          std::string_view body);
  http::Response PutSecret(const std::string& name,
                           const boost::json::object& body);
  http::Response OfVariable(const std::string& method, const std::string& name,
                            std::string_view body);
  http::Response List(const std::string& kind, int page) const;

  int key_number_ = 0;
  std::string public_key_, secret_key_;
};

}  // namespace patform::sinks
