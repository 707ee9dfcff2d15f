#pragma once

#include <string>

#include "engine/inquiry/status.h"
#include "engine/report/page/facets.h"
#include "engine/report/page/html.h"
#include "engine/report/page/time_scale.h"

// One token of a status: a line with its life, how it stands and the date that
// matters most, which opens on everything else that is known. Pure.
namespace patform {

class TokenRows {
 public:
  // All of them must outlive it.
  TokenRows(const StatusReport& report, const Facets& facets,
            const TimeScale& scale, Html& page)
      : report_(report), facets_(facets), scale_(scale), page_(page) {}

  // `anchor`: by which links find it.
  void Draw(const TokenStatus& token, const std::string& anchor);

 private:
  void Line(const TokenStatus& token);
  void When(const TokenStatus& token);
  void Date(const char* what, absl::Time at);
  void Details(const TokenStatus& token);
  void Facts(const TokenStatus& token);
  void Generations(const TokenStatus& token);
  void NextApply(const GenerationStatus& row);
  void Places(const TokenStatus& token);

  const StatusReport& report_;
  const Facets& facets_;
  const TimeScale& scale_;
  Html& page_;
};

// When something happens to it next, for sorting: its end if nothing renews it,
// else when it falls due; of one that is neither, its first end.
absl::Time NextOf(const TokenStatus& token);

}  // namespace patform
