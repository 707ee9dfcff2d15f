#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/report/page/html.h"

// What every page of ours has: one file that loads nothing, works without its
// script, and lets nothing else run. Pure.
namespace patform {

// Begins the document, as far as its <body> and <main>; the title is text from
// outside.
Html BeginPage(const std::string& title);

// Begins the head: `title` with the workspace, and a line of where and as of
// when, to which more may be added.
void BeginHead(const char* title, const std::string& workspace,
               const std::vector<std::string>& organizations, absl::Time as_of,
               Html& page);
// Ends that line. The head stays open, for notes.
void EndHeadLine(absl::Time as_of, Html& page);

// One number of an overview.
void Tile(std::string_view look, int64_t number, std::string_view what,
          Html& page);

// Ends what BeginPage() began, with the script, and gives the document.
std::string EndPage(Html page);

// The Content-Security-Policy of a page: nothing but our style and our script,
// each by the SHA-256 of its text.
std::string PagePolicy();

// Our style and script; the text of the files page.css and page.js.
const char* PageStyle();
const char* PageScript();

}  // namespace patform
