#pragma once

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "providers/http/transport.h"
#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {

// AWS Secrets Manager behind its wire, as strict as its API reference, and
// stricter than moto where that lets something pass: what is scheduled for
// deletion cannot be written, a secret has at most 50 tags of the characters
// that are allowed, a version without a label is not listed.
class AwsFake : public StoreFake {
 public:
  struct Version {
    std::string value;
    std::set<std::string> labels;
  };
  struct Kept {
    std::map<std::string, Version> versions;
    std::map<std::string, std::string> tags;
    absl::Time changed;
    bool deleted = false;
    boost::json::object more;  // beside what DescribeSecret answers anyway

    // The version that has the label; "": none.
    std::string With(const std::string& label) const;
  };

  http::Response Answer(const http::Request& request) override;
  std::optional<std::string> Served(const Delivery& place) const override;
  void WriteAsOther(const Delivery& place, const std::string& value) override;

  std::map<std::string, Kept> secrets;
  std::vector<std::string> actions;  // of every request
  absl::Duration ahead;              // its clock, of the machine's
  // Answers to the next requests of that action, instead of its own:
  // {"__type", "message"}.
  std::map<std::string, std::vector<std::pair<std::string, std::string>>>
      refusals;

 private:
  http::Response Do(const std::string& action, const boost::json::object& body);
  http::Response Put(Kept& kept, const boost::json::object& body);
  http::Response Move(Kept& kept, const boost::json::object& body);
  http::Response List(const boost::json::object& body);
  boost::json::object Described(const std::string& name, const Kept& kept,
                                const char* versions) const;
  int others_ = 0;
};

// Does the request of that action change nothing?
bool AwsOnlyReads(const http::Request& request);

}  // namespace patform::sinks
