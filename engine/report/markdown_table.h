#pragma once

#include <string>

#include "engine/report/outline.h"

namespace patform {

inline constexpr char kMarkdownTableHead[] =
    "| action | token | why | scopes | expires | sinks |\n"
    "| --- | --- | --- | --- | --- | --- |\n";

// One change in the table of a comment, with its line end. Nothing in it is
// cut: what does not fit takes the whole row with it.
std::string MarkdownRow(const Outline::Block& block, bool many_organizations);

}  // namespace patform
