#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "providers/emulator/tokens/store.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

// Pages to the end; `between` runs after each.
template <typename Between>
std::vector<std::string> AllNames(Subject& subject, const std::string& query,
                                  const Between& between) {
  std::vector<std::string> names;
  std::string continuation;
  for (int page = 0; page < 1000; ++page) {
    const auto response = subject.Call(
        "GET", continuation.empty()
                   ? query
                   : absl::StrCat(query, "&continuationToken=", continuation));
    for (std::string& name : subject.Names(response)) {
      names.push_back(std::move(name));
    }
    continuation = Subject::Text(subject.Json(response), "continuationToken");
    if (continuation.empty()) return names;
    between();
  }
  ADD_FAILURE() << "the list has no end";
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  return absl::StrJoin(names, " ");
}

TEST(List, PagesAreBounded) {
  Subject subject;
  subject.Admin("POST", "seed",
                R"({"user":"ada@contoso.example","count":250})");
  const struct {
    const char* query;
    size_t want;
  } rows[] = {{"", 100},        {"&$top=100", 100}, {"&$top=101", 100},
              {"&$top=7", 7},   {"&$top=0", 1},     {"&$top=-3", 1},
              {"&%24top=9", 9}, {"&$top=", 100}};
  for (const auto& row : rows) {
    EXPECT_EQ(subject.Names(subject.Call("GET", row.query)).size(), row.want)
        << row.query;
  }
  subject.Set("list_top", "20");
  EXPECT_EQ(subject.Names(subject.Call("GET")).size(), 20u);
}

TEST(List, EveryOrderPagesThroughAll) {
  Subject subject;
  for (const int days : {10, -10, 20}) {
    subject.Admin("POST", "seed",
                  absl::StrCat(R"({"user":"ada@contoso.example","count":37,)"
                               R"("name":"Same-{i}","valid_days":)",
                               days, "}"));
  }
  for (const char* sort : {"displayName", "displayDate", "status"}) {
    for (const char* ascending : {"true", "false"}) {
      for (const char* filter : {"all", "active", "expired", "revoked"}) {
        for (const int top : {1, 10, 100}) {
          const std::string query = absl::StrCat(
              "&sortByOption=", sort, "&isSortAscending=", ascending,
              "&displayFilterOption=", filter, "&$top=", top);
          const size_t want = filter == std::string("all")       ? 111
                              : filter == std::string("active")  ? 74
                              : filter == std::string("expired") ? 37
                                                                 : 0;
          EXPECT_EQ(AllNames(subject, query, [] {}).size(), want) << query;
        }
      }
    }
  }
}

TEST(List, SortsAndFilters) {
  Subject subject;
  const auto make = [&](const char* name, const char* until) {
    return Subject::Text(
        subject.Create(absl::StrCat(R"({"displayName":")", name,
                                    R"(","scope":"vso.code","validTo":")",
                                    until, "\"}")),
        "authorizationId");
  };
  make("bravo", "2026-12-03T00:00:00Z");
  make("Alpha", "2026-12-02T00:00:00Z");
  make("delta", "2026-11-24T00:00:00Z");
  subject.Call("DELETE",
               "&authorizationId=" + make("charlie", "2026-12-01T00:00:00Z"));
  subject.now += absl::Hours(48);  // delta is over
  subject.bearer = subject.Token(R"({"user":"ada@contoso.example"})");
  const struct {
    const char* query;
    const char* want;
  } rows[] = {
      {"", "Alpha bravo"},
      {"&isSortAscending=false", "bravo Alpha"},
      {"&displayFilterOption=Active", "Alpha bravo"},
      {"&displayFilterOption=revoked", "charlie"},
      {"&displayFilterOption=expired", "delta"},
      {"&displayFilterOption=all", "Alpha bravo charlie delta"},
      {"&displayFilterOption=all&sortByOption=displayDate",
       "delta charlie Alpha bravo"},
      {"&displayFilterOption=all&sortByOption=displayDate"
       "&isSortAscending=False",
       "bravo Alpha charlie delta"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Joined(subject.Names(subject.Call("GET", row.query))), row.want)
        << row.query;
  }
  const auto by_state = subject.Names(
      subject.Call("GET", "&displayFilterOption=all&sortByOption=status"));
  EXPECT_EQ(by_state[2] + " " + by_state[3], "delta charlie");
  subject.Set("list_filter", "all");
  subject.Set("list_sort", "displayDate");
  subject.Set("list_ascending", "false");
  EXPECT_EQ(Joined(subject.Names(subject.Call("GET"))),
            "bravo Alpha charlie delta");
}

TEST(List, AnExpiryEndsWhatIsCached) {
  Subject subject;
  subject.Make("a");
  EXPECT_EQ(Joined(subject.Names(subject.Call("GET"))), "a");
  EXPECT_EQ(Joined(subject.Names(
                subject.Call("GET", "&displayFilterOption=expired"))),
            "");
  subject.Admin("POST", "clock", R"({"advance_seconds":2592000})");
  subject.bearer = subject.Token(R"({"user":"ada@contoso.example"})");
  EXPECT_EQ(Joined(subject.Names(subject.Call("GET"))), "");
  EXPECT_EQ(Joined(subject.Names(
                subject.Call("GET", "&displayFilterOption=expired"))),
            "a");
}

TEST(List, ChangesBetweenPages) {
  for (const bool offset : {false, true}) {
    Subject subject;
    if (offset) subject.Set("paging", "offset");
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i)
      ids.push_back(subject.Make(absl::StrCat("t", i)));
    int page = 0;
    const auto names = AllNames(subject, "&$top=2", [&] {
      // The first of what was seen already goes.
      if (page++ == 0) subject.Call("DELETE", "&authorizationId=" + ids[0]);
    });
    // By offset the rows move up by one, and one is never seen.
    EXPECT_EQ(Joined(names), offset ? "t0 t1 t3 t4 t5" : "t0 t1 t2 t3 t4 t5");
  }
}

TEST(List, ANewTokenBetweenPages) {
  for (const bool offset : {false, true}) {
    Subject subject;
    if (offset) subject.Set("paging", "offset");
    for (int i = 1; i < 5; ++i) subject.Make(absl::StrCat("t", i));
    int page = 0;
    const auto names = AllNames(subject, "&$top=2", [&] {
      if (page++ == 0) subject.Make("t0");
    });
    // By offset the rows move down, and one is seen twice.
    EXPECT_EQ(Joined(names), offset ? "t1 t2 t2 t3 t4" : "t1 t2 t3 t4");
  }
}

TEST(List, AContinuationBelongsToItsList) {
  Subject subject;
  subject.Make("a");
  subject.Make("b");
  const std::string token = Subject::Text(
      subject.Json(subject.Call("GET", "&$top=1")), "continuationToken");
  const auto status = [&](const std::string& query) {
    return subject.Call("GET", query + "&continuationToken=" + token).status;
  };
  EXPECT_EQ(status("&$top=1"), 200);
  EXPECT_EQ(status("&$top=5"), 200);
  EXPECT_EQ(status("&displayFilterOption=all"), 400);
  EXPECT_EQ(status("&sortByOption=displayDate"), 400);
  EXPECT_EQ(status("&isSortAscending=false"), 400);
  std::string forged = token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  forged[3] = forged[3] == 'A' ? 'B' : 'A';
  EXPECT_EQ(subject.Call("GET", "&continuationToken=" + forged).status, 400);
}

TEST(List, AFullLastPageSaysSo) {
  Subject subject;
  for (const char* name : {"a", "b", "c", "d"}) subject.Make(name);
  int pages = 1;
  EXPECT_EQ(AllNames(subject, "&$top=2", [&] { ++pages; }).size(), 4u);
  EXPECT_EQ(pages, 2);
}

}  // namespace
}  // namespace patform::emulator
