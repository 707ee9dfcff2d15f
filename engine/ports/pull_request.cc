#include "engine/ports/pull_request.h"

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {

std::string PullRequestTarget::ToString() const {
  return absl::StrCat(
      "pull request ", number, " of ",
      Visible(project.empty() ? repository
                              : absl::StrCat(project, "/", repository)));
}

}  // namespace patform
