#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/inquiry/status.h"
#include "engine/report/page/html.h"

// What tokens can be filtered by, and in which numbers the page writes that: a
// number cannot be anything but a number, whatever a name is. Pure.
namespace patform {

class Facets {
 public:
  explicit Facets(const StatusReport& report);

  // The choices, for the script, which shows them.
  void DrawChoices(Html& page) const;

  // "0 4": which of the choices hold for `token`; one facet after the other, in
  // the order of PageFacets().
  std::vector<std::string> Of(const TokenStatus& token) const;

 private:
  // In the order of what is shown, each with its number.
  using Choices = std::map<std::string, size_t>;
  std::vector<Choices> choices_;
};

// A facet: "owner", and the attribute that a token has its numbers in.
struct Facet {
  const char* name;
  const char* label;
  const char* all;  // what is chosen at first
  const char* attribute;
  std::vector<std::string> (*values)(const TokenStatus& token);
};
const std::vector<Facet>& PageFacets();

}  // namespace patform
