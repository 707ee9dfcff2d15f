#pragma once

#include <string_view>

namespace patform::azure_devops {

// Does an object of this JSON have a member twice? Readers differ in which of
// the two counts, so an answer with one has no meaning. False for what is not
// JSON.
bool HasTwins(std::string_view body);

}  // namespace patform::azure_devops
