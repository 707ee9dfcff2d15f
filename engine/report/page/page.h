#pragma once

#include <string>

#include "engine/report/page/html.h"

// What every page of ours has: one file that loads nothing, works without its
// script, and lets nothing else run. Pure.
namespace patform {

// Begins the document, as far as its <body> and <main>; the title is text from
// outside.
Html BeginPage(const std::string& title);

// Ends what BeginPage() began, with the script, and gives the document.
std::string EndPage(Html page);

// The Content-Security-Policy of a page: nothing but our style and our script,
// each by the SHA-256 of its text.
std::string PagePolicy();

// Our style and script; the text of the files page.css and page.js.
const char* PageStyle();
const char* PageScript();

}  // namespace patform
