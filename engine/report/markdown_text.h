#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text from outside in Markdown. GitHub and Azure DevOps turn words in prose
// into links, mentions and references even where Markdown itself sees plain
// text, but not in code: so whatever is more than a plain word is set as code.
// Pure.
namespace patform {

// `text`, made visible, as inline code that is safe in prose and lists: between
// more backticks than it contains. Of more than `longest` characters the rest
// is cut, which an ellipsis shows.
std::string MarkdownCode(std::string_view text, size_t longest = 120);

// The same for the cell of a table, whole: a bar, which would end the cell, has
// a backslash before it that no reader sees.
std::string MarkdownCell(std::string_view text);

// A sentence of ours that names things from outside, in the type of prose: what
// is in quotes, and each word that is more than letters or a number, is set as
// code. Made visible, and cut like MarkdownCode.
std::string MarkdownProse(std::string_view text, size_t longest);

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
