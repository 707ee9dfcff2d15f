#include "engine/report/page/page.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/report/page/words.h"

namespace patform {
namespace {

std::string Source(const char* text) {
  return absl::StrCat("'sha256-",
                      absl::Base64Escape(absl::HexStringToBytes(Sha256(text))),
                      "'");
}

// Fills for what a color alone must not tell: windows and graces.
void Patterns(Html& page) {
  page.Begin("svg", {{"class", "patterns"},
                     {"width", "0"},
                     {"height", "0"},
                     {"aria-hidden", "true"}})
      .Begin("defs");
  for (const auto& [id, name] :
       {std::pair("hatch", "hatch"), std::pair("hatch-red", "hatch red")}) {
    page.Begin("pattern", {{"id", id},
                           {"width", "5"},
                           {"height", "5"},
                           {"patternUnits", "userSpaceOnUse"},
                           {"patternTransform", "rotate(45)"}})
        .Shape("rect", {{"class", name}, {"width", "2"}, {"height", "5"}})
        .End();
  }
  page.Begin("pattern", {{"id", "dots"},
                         {"width", "4"},
                         {"height", "4"},
                         {"patternUnits", "userSpaceOnUse"}})
      .Shape("circle",
             {{"class", "dots"}, {"cx", "2"}, {"cy", "2"}, {"r", "1"}})
      .End();
  page.End().End().Line();
}

std::string Shortened(const std::string& title) {
  constexpr int kMost = 60;
  const std::string shown = Visible(title);
  return CodePoints(shown) <= kMost
             ? shown
             : absl::StrCat(FirstCodePoints(shown, kMost), "…");
}

}  // namespace

std::string PagePolicy() {
  // By their hashes and not by a nonce, which anybody could copy who can write
  // into a page. An attribute is never one of these, so nothing of a page may
  // have a style or a handler of its own.
  return absl::StrCat("default-src 'none'; style-src ", Source(PageStyle()),
                      "; script-src ", Source(PageScript()),
                      "; base-uri 'none'; form-action 'none'; "
                      "require-trusted-types-for 'script'; trusted-types "
                      "'none'");
}

Html BeginPage(const std::string& title) {
  Html page;
  page.Begin("html", {{"lang", "en"}}).Line().Begin("head").Line();
  page.Void("meta", {{"charset", "utf-8"}}).Line();
  page.Void("meta", {{"http-equiv", "Content-Security-Policy"},
                     {"content", PagePolicy()}})
      .Line();
  page.Void("meta", {{"name", "viewport"},
                     {"content", "width=device-width, initial-scale=1"}})
      .Line();
  page.Void("meta", {{"name", "color-scheme"}, {"content", "light dark"}})
      .Line();
  page.Void("meta", {{"name", "referrer"}, {"content", "no-referrer"}}).Line();
  page.Void("meta", {{"name", "generator"},
                     {"content", absl::StrCat("patform ", kVersion)}})
      .Line();
  // Of a tab, where there is room for no more; the heading has all of it.
  page.Element("title", Shortened(title)).Line();
  page.Trusted("style", PageStyle()).Line().End().Line();
  page.Begin("body").Line();
  Patterns(page);
  page.Begin("main").Line();
  return page;
}

void BeginHead(const char* title, const std::string& workspace,
               const std::vector<std::string>& organizations, absl::Time as_of,
               Html& page) {
  page.Begin("header").Line();
  page.Begin("h1").Text(title).Name(workspace).End().Line();
  page.Begin("p", {{"class", "quiet"}});
  const char* separator = "";
  for (const std::string& name : organizations) {
    page.Text(separator).Name(name);
    separator = ", ";
  }
  page.Dot().Text("as of ").Minute(as_of);
}

void EndHeadLine(absl::Time as_of, Html& page) {
  page.End().Line();
  // Filled in where the page is read long after it was written.
  page.Element("p", "",
               {{"class", "note"},
                {"id", "age"},
                {"data-made", UnixSeconds(as_of)},
                {"hidden", ""}})
      .Line();
}

void Tile(std::string_view look, int64_t number, std::string_view what,
          Html& page) {
  page.Begin("div", {{"class", look}})
      .Element("dt", what)
      .Element("dd", absl::StrCat(number))
      .End()
      .Line();
}

std::string EndPage(Html page) {
  page.End().Line();
  page.Trusted("script", PageScript()).Line().End().Line().End().Line();
  return std::move(page).Take();
}

}  // namespace patform
