#pragma once

#include <string>

#include "engine/diff/change.h"
#include "engine/inquiry/status.h"
#include "engine/report/page/html.h"
#include "engine/report/page/time_scale.h"

// The lives of tokens, drawn: a bar for each generation, with its window and
// its grace, what the next apply makes, when that falls due, and where an end
// is that nothing renews. Pure.
namespace patform {

// The days above all lives, and the line that is now.
void DrawAxis(const TimeScale& scale, absl::Time now, Html& page);
// The same lines again, through all lives below.
void DrawGrid(const TimeScale& scale, absl::Time now, Html& page);

// One token's life, and the same in words for whoever does not see it.
void DrawLife(const TokenStatus& token, const TimeScale& scale, absl::Time now,
              Html& page);
std::string LifeInWords(const TokenStatus& token);

// What a change does to a life: how it is, and below that how it will be.
void DrawChange(const Change& change, const TimeScale& scale, absl::Time now,
                Html& page);

// What each kind of bar means.
void DrawLegend(Html& page);

}  // namespace patform
