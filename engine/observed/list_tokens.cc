#include "engine/observed/list_tokens.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

// What must not happen is a list that ends too early and looks whole: a token
// that is not in it counts as gone.
namespace patform {
namespace {

// Appends one whole list to `tokens`.
absl::Status ReadList(TokenReader& reader, TokenFilter filter,
                      Deadline deadline, const ListProgress& progress,
                      std::vector<ActualToken>& tokens,
                      std::optional<absl::Duration>* clock_ahead = nullptr) {
  // Continuations that were followed.
  absl::flat_hash_set<std::string> seen;
  std::string continuation;
  for (int page_number = 1; page_number <= kMaxPages; ++page_number) {
    absl::StatusOr<TokenPage> page =
        reader.List(filter, continuation, deadline);
    // One page that cannot be read, and there is no list.
    if (!page.ok()) {
      // The error names the list; that it is the first page adds nothing.
      if (page_number == 1) return page.status();
      return Annotate(page.status(),
                      absl::StrCat("reading page ", page_number, " of the ",
                                   Word(StateOf(filter)), " tokens"));
    }
    // The least over all pages: a token's age is then rather too small than too
    // large, and nothing is ended too early.
    if (clock_ahead != nullptr && page->clock_ahead) {
      *clock_ahead = std::min(clock_ahead->value_or(*page->clock_ahead),
                              *page->clock_ahead);
    }
    tokens.insert(tokens.end(), std::make_move_iterator(page->tokens.begin()),
                  std::make_move_iterator(page->tokens.end()));
    if (progress) progress(static_cast<int>(tokens.size()));
    // The service ends a list with an empty text.
    if (page->continuation.empty()) return absl::OkStatus();
    // A server that repeats itself would keep this busy until kMaxPages.
    if (!seen.insert(page->continuation).second) {
      return absl::DataLossError(absl::StrCat(
          "the list of ", Word(StateOf(filter)), " tokens does not end: page ",
          page_number,
          " leads back to a page that was read before. The list cannot be "
          "trusted and nothing was changed; try again later."));
    }
    continuation = std::move(page->continuation);
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "the list of ", Word(StateOf(filter)), " tokens did not end after ",
      kMaxPages,
      " pages. The list cannot be trusted and nothing was changed; try again "
      "later."));
}

// Sorts by id, each once. The order is found on small keys: tokens are large,
// and each is moved once, to where it belongs, without a second list of them.
void MakeCanonical(std::vector<ActualToken>& tokens) {
  struct Key {
    uint64_t prefix;  // of the id
    uint32_t index;
  };
  std::vector<Key> keys(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    keys[i] = {tokens[i].id.Prefix(), static_cast<uint32_t>(i)};
  }
  // Of one id the more final state first: a token that was revoked between two
  // lists is in both, and it is revoked.
  const auto before = [&tokens](const Key& x, const Key& y) {
    if (x.prefix != y.prefix) return x.prefix < y.prefix;
    const ActualToken& a = tokens[x.index];
    const ActualToken& b = tokens[y.index];
    if (a.id != b.id) return a.id < b.id;
    if (a.state != b.state) return a.state > b.state;  // revoked, expired
    return x.index < y.index;
  };
  std::sort(keys.begin(), keys.end(), before);
  // In place, cycle by cycle: a hundred thousand tokens would otherwise be
  // twice in memory.
  for (size_t start = 0; start < keys.size(); ++start) {
    if (keys[start].index == start) continue;
    ActualToken first = std::move(tokens[start]);
    size_t to = start;
    for (size_t from = keys[to].index; from != start; from = keys[to].index) {
      tokens[to] = std::move(tokens[from]);
      keys[to].index = static_cast<uint32_t>(to);
      to = from;
    }
    tokens[to] = std::move(first);
    keys[to].index = static_cast<uint32_t>(to);
  }
  // The first of each id stays.
  const auto same = [](const ActualToken& a, const ActualToken& b) {
    return a.id == b.id;
  };
  tokens.erase(std::unique(tokens.begin(), tokens.end(), same), tokens.end());
}

}  // namespace

absl::StatusOr<TokenList> ListTokens(TokenReader& reader, const Realm& realm,
                                     bool with_history, Deadline deadline,
                                     const ListProgress& progress) {
  TokenList listed;
  listed.organization = realm.organization;
  listed.identity = realm.identity;
  // Without history unless asked: tokens that have ended stay in the lists for
  // months, and few plans need them.
  PATFORM_RETURN_IF_ERROR(ReadList(reader, TokenFilter::kActive, deadline,
                                   progress, listed.tokens,
                                   &listed.clock_ahead));
  if (with_history) {
    PATFORM_RETURN_IF_ERROR(AddHistory(reader, deadline, listed, progress));
  } else {
    MakeCanonical(listed.tokens);
  }
  return listed;
}

absl::Status AddHistory(TokenReader& reader, Deadline deadline,
                        TokenList& listed, const ListProgress& progress) {
  const size_t before = listed.tokens.size();
  // Expired before revoked: what is revoked in between is in the second one.
  for (TokenFilter filter : {TokenFilter::kExpired, TokenFilter::kRevoked}) {
    const absl::Status read =
        ReadList(reader, filter, deadline, progress, listed.tokens);
    if (!read.ok()) {
      // As it was before: a snapshot is not half with history.
      listed.tokens.resize(before);
      return read;
    }
  }
  MakeCanonical(listed.tokens);
  listed.has_history = true;
  return absl::OkStatus();
}

}  // namespace patform
