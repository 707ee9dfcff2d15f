#pragma once

#include <cstddef>
#include <string>

#include "engine/plan/plan.h"

namespace patform {

struct MarkdownOptions {
  // Bytes, so that whoever counts characters counts no more. Less than 8,192 is
  // taken for 8,192.
  size_t limit = 65536;
  // To the run that made the plan: an http or https URL; may be empty.
  std::string link;
};

// The first line of RenderPlanMarkdown: a comment that no reader sees, the
// same in every plan of a workspace, by which a bot finds what it posted.
std::string MarkdownMarker(const Plan& plan);

// The plan as a comment on a pull request. The same plan gives the same bytes.
// Text from outside is inert: all of it is set as code (markdown_text.h). What
// ends, widens or moves a token is outside of any fold and never cut. If the
// whole does not fit into the limit, the comment begins with
// INCOMPLETE and has no digest to approve with: what is left out is counted,
// whole changes, the details first.
std::string RenderPlanMarkdown(const Plan& plan,
                               const MarkdownOptions& options);

}  // namespace patform
