#pragma once

#include <cstddef>
#include <string>

#include "engine/plan/plan.h"

namespace patform {

struct MarkdownOptions {
  // Bytes, so that whoever counts characters counts no more. Less than 4,096 is
  // taken for 4,096.
  size_t limit = 65536;
  // To the run that made the plan: an http or https URL; may be empty.
  std::string link;
};

// The first line of RenderPlanMarkdown: a comment that no reader sees, the
// same in every plan of a workspace, by which a bot finds what it posted.
std::string MarkdownMarker(const Plan& plan);

// The plan as a comment on a pull request. The same plan gives the same bytes.
// Text from outside is inert: it stands in code, with every character that
// Markdown or HTML could act on written as an entity. What does not fit into
// the limit is left out, changes last to first, and counted.
std::string RenderPlanMarkdown(const Plan& plan,
                               const MarkdownOptions& options);

}  // namespace patform
