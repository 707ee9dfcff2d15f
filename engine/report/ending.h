#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "engine/diff/unrenewed.h"
#include "engine/report/style.h"

// What ends and nothing renews, in every output alike.
namespace patform {

// Of `all` those that are to be shown at `now`.
std::vector<Unrenewed> ShownOf(const std::vector<Unrenewed>& all,
                               absl::Time now);

// "2 tokens end, and nothing renews them": of `shown`, which has some.
std::string EndingTitle(const std::vector<Unrenewed>& shown);

// "ends in 2h (2026-11-27 14:00 UTC): `expires` is a fixed date". Text from
// outside is not in it.
std::string EndingText(const Unrenewed& token, absl::Time now);

// For a terminal: the title, each token on its line, what to do. "" for none.
std::string RenderEnding(const std::vector<Unrenewed>& shown, absl::Time now,
                         const Style& style);

boost::json::object UnrenewedJson(const Unrenewed& token);

}  // namespace patform
