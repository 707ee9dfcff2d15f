#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text from outside in Markdown. GitHub and Azure DevOps turn words in prose
// into links, mentions and references even where Markdown itself sees plain
// text, but not in code: so all of it is set as code. Pure.
namespace patform {

// `text`, made visible, as inline code that is safe in prose, lists and table
// cells: between more backticks than it contains. A bar, which would end a
// cell, is \x7c. Of more than `longest` characters the rest is cut, which an
// ellipsis shows.
std::string MarkdownCode(std::string_view text, size_t longest = 120);

// "[words](url)" for an http or https URL of a sensible length, its special
// characters percent-encoded; "" for anything else. `words` are ours.
std::string MarkdownLink(std::string_view words, std::string_view url);

// A fenced block of `language`; `text` is visible already and ends in a
// newline. The fence is longer than any run of backticks in it.
std::string MarkdownFence(std::string_view language, std::string_view text);

// `text` for the inside of an HTML comment: other characters than letters,
// digits, dots, colons, dashes and underscores percent-encoded.
std::string CommentWord(std::string_view text);

}  // namespace patform
