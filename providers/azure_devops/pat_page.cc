// One page of the list, straight from its bytes into tokens. A list may have
// a hundred thousand of them; a tree of each page would cost more than all
// the rest of reading it.
#include <boost/json/basic_parser_impl.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/azure_devops/answer_faults.h"
#include "providers/azure_devops/pat_api.h"

namespace patform::azure_devops {
namespace {

namespace json = boost::json;

// Takes the parser's events. An answer with one of its known members twice is
// ambiguous and refused; errors are reported only once the whole body has
// proved to be JSON.
// The structure that is read: {"patTokens": [{token}, ...],
// "continuationToken": "..."}. depth_ counts what is open: 1 in the answer, 2
// in the list, 3 in a token, 4 in its list of organizations. member_ is the
// last key that was seen at a depth that matters. A page with one entry that
// cannot be understood is refused as a whole: a list with a hole in it would
// look as if a token had been revoked.
class PageHandler {
 public:
  // The body's size bounds them all.
  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);

  // The answer does not tell the state of a token; the filter that was asked
  // for does.
  explicit PageHandler(TokenFilter filter) : state_(StateOf(filter)) {}

  // Called once, after the parser has accepted the whole body.
  absl::StatusOr<TokenPage> Take() {
    if (twins_) return NotUnderstood("the answer has a member twice");
    if (!has_list_) {
      return NotUnderstood("the answer has no list of tokens (patTokens)");
    }
    // Refused rather than read as the last page: a list that ends too early is
    // a list of tokens that do not exist any more.
    if (!continuation_good_) {
      return NotUnderstood("the answer has no usable continuationToken");
    }
    if (!fault_.ok()) return fault_;
    return std::move(page_);
  }

  using Code = json::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }

  bool on_object_begin(Code&) {
    // An object in the list is a token; one in the place of a member is a
    // fault.
    if (depth_ == 2 && in_list_) BeginToken();
    if (depth_ == 1 || IsField()) Other();
    ++depth_;
    return true;
  }
  bool on_object_end(size_t, Code&) {
    --depth_;
    if (depth_ == 2 && in_list_) EndToken();
    return true;
  }
  bool on_array_begin(Code&) {
    if (depth_ == 1) {
      Other();
      in_list_ = member_ == Member::kList;
      if (in_list_) {
        has_list_ = true;
        // A second list, of twins: Take() refuses the page anyway.
        page_.tokens.clear();
        fault_ = absl::OkStatus();
      }
    } else if (IsField()) {
      // Null or a list; which entries it has is seen below.
      in_accounts_ = member_ == Member::kAccounts;
      only_account_ = AuthorizationId();
      Other();
    } else if (depth_ == 2 && in_list_) {
      // A list in the place of a token.
      NoToken();
    }
    ++depth_;
    return true;
  }
  bool on_array_end(size_t count, Code&) {
    --depth_;
    if (depth_ == 1) in_list_ = false;
    if (IsField() && in_accounts_) {
      in_accounts_ = false;
      // Valid in exactly one: that one's id. In several: none is remembered,
      // and the token counts as one of another organization.
      Accounts(count == 0, count == 1 ? only_account_ : AuthorizationId());
    }
    return true;
  }

  bool on_key_part(json::string_view part, size_t, Code&) {
    scratch_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t size, Code&) {
    // A key that came in one part is used where it is.
    const std::string_view key = Whole(part, size);
    member_ = depth_ == 1 ? RootMember(key) : TokenMember(key);
    // Names that are not read may repeat: nothing depends on them.
    if (depth_ == 1 || IsField()) Count(depth_ == 1 ? root_seen_ : token_seen_);
    scratch_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, size_t, Code&) {
    // What is not wanted may be a secret: it is not copied.
    if (IsWanted()) scratch_.append(part.data(), part.size());
    return true;
  }
  // The secret of a token is null in a list; were it not, it would not be
  // copied.
  bool on_string(json::string_view part, size_t size, Code&) {
    if (IsWanted()) {
      Text(Whole(part, size));
      scratch_.clear();
    } else {
      Scalar();
    }
    return true;
  }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(int64_t, json::string_view, Code&) { return Scalar(); }
  bool on_uint64(uint64_t, json::string_view, Code&) { return Scalar(); }
  bool on_double(double, json::string_view, Code&) { return Scalar(); }
  bool on_bool(bool, Code&) { return Scalar(); }
  // Null has a meaning for two members: all organizations, and no further page.
  bool on_null(Code&) {
    if (IsField() && member_ == Member::kAccounts) {
      Accounts(true, AuthorizationId());
      return true;
    }
    if (depth_ == 1 && member_ == Member::kContinuation) {
      continuation_good_ = true;
      page_.continuation.clear();
      return true;
    }
    return Scalar();
  }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  enum class Member {
    kOther,
    kList,
    kContinuation,
    kName,
    kId,
    kScope,
    kFrom,
    kTo,
    kAccounts,
  };

  static Member RootMember(std::string_view key) {
    if (key == "patTokens") return Member::kList;
    if (key == "continuationToken") return Member::kContinuation;
    return Member::kOther;
  }
  static Member TokenMember(std::string_view key) {
    if (key == "displayName") return Member::kName;
    if (key == "authorizationId") return Member::kId;
    if (key == "scope") return Member::kScope;
    if (key == "validFrom") return Member::kFrom;
    if (key == "validTo") return Member::kTo;
    if (key == "targetAccounts") return Member::kAccounts;
    return Member::kOther;
  }

  // Remembers the member in a bit of its object, and notices when it comes
  // again.
  void Count(unsigned& seen) {
    if (member_ == Member::kOther) return;
    const unsigned bit = 1u << static_cast<unsigned>(member_);
    twins_ = twins_ || (seen & bit) != 0;
    seen |= bit;
  }

  // Is the value at hand a member of one token?
  bool IsField() const { return in_list_ && in_token_ && depth_ == 3; }
  bool IsWanted() const {
    return (depth_ == 1 && member_ == Member::kContinuation) ||
           (IsField() && member_ != Member::kOther) || IsAccount();
  }
  bool IsAccount() const { return in_accounts_ && depth_ == 4; }
  ActualToken& token() { return page_.tokens.back(); }

  // The text as one: in place, or put together in scratch_.
  std::string_view Whole(json::string_view part, size_t size) {
    if (scratch_.empty() && part.size() == size) {
      return {part.data(), part.size()};
    }
    scratch_.append(part.data(), part.size());
    return scratch_;
  }

  void BeginToken() {
    // Defaults for what may be absent: no targetAccounts means all
    // organizations, the wider reading.
    page_.tokens.emplace_back().state = state_;
    token().all_organizations = true;
    in_token_ = true;
    token_seen_ = 0;
    id_good_ = from_good_ = to_good_ = false;
    // Absent is fine, of the wrong type is not.
    accounts_good_ = true;
  }

  void EndToken() {
    in_token_ = false;
    // The four without which an entry cannot be judged. Name and scopes may be
    // empty: old tokens have such.
    const char* lacking = !id_good_         ? "authorizationId"
                          : !from_good_     ? "validFrom"
                          : !to_good_       ? "validTo"
                          : !accounts_good_ ? "targetAccounts"
                                            : nullptr;
    if (lacking != nullptr) Fault(lacking);
  }

  // An entry of the list that is not an object.
  void NoToken() {
    page_.tokens.emplace_back();
    Fault("members");
  }

  // The first fault alone, by its position and name: enough to find it.
  void Fault(const char* lacking) {
    if (!fault_.ok()) return;
    fault_ =
        Lacks(absl::StrCat("entry ", page_.tokens.size(), " of the list (\"",
                           Visible(token().display_name), "\")"),
              lacking);
  }

  void Accounts(bool all, AuthorizationId only) {
    accounts_good_ = true;
    token().all_organizations = all;
    token().organization_id = only;
  }

  void Text(std::string_view text) {
    if (IsAccount()) {
      // Ids that are not GUIDs match no organization.
      only_account_ = AuthorizationId::Parse(text).value_or(AuthorizationId());
      return;
    }
    switch (member_) {
      case Member::kContinuation:
        continuation_good_ = true;
        page_.continuation = std::string(text);
        break;
      case Member::kName:
        token().display_name = std::string(text);
        break;
      case Member::kId: {
        const std::optional<AuthorizationId> id = AuthorizationId::Parse(text);
        id_good_ = id && !id->IsNil();
        if (id_good_) token().id = *id;
        break;
      }
      case Member::kScope:
        token().scopes = ScopeSet::Parse(text);
        break;
      case Member::kFrom:
        from_good_ = Date(text, token().valid_from);
        break;
      case Member::kTo:
        to_good_ = Date(text, token().valid_to);
        break;
      // Not texts: a wrong type.
      case Member::kAccounts:
      case Member::kList:
      case Member::kOther:
        Other();
        break;
    }
  }

  static bool Date(std::string_view text, absl::Time& time) {
    const std::optional<absl::Time> parsed = ParseInstant(text);
    if (parsed) time = *parsed;
    return parsed.has_value();
  }

  // A number, a flag, or a null without a meaning.
  bool Scalar() {
    if (depth_ == 2 && in_list_) {
      NoToken();
    } else if (depth_ == 1 || IsField()) {
      Other();
    }
    return true;
  }

  // The member has a value of a type that it cannot have.
  void Other() {
    switch (member_) {
      case Member::kList:
        // Seen, but not as a list: as if it were absent.
        has_list_ = false;
        break;
      case Member::kContinuation:
        continuation_good_ = false;
        break;
      case Member::kName:
        token().display_name.clear();
        break;
      case Member::kId:
        id_good_ = false;
        break;
      case Member::kScope:
        token().scopes = ScopeSet();
        break;
      case Member::kFrom:
        from_good_ = false;
        break;
      case Member::kTo:
        to_good_ = false;
        break;
      case Member::kAccounts:
        accounts_good_ = false;
        break;
      case Member::kOther:
        break;
    }
  }

  const TokenState state_;
  TokenPage page_;
  absl::Status fault_;   // of the first token that has one
  std::string scratch_;  // a key or text that came in parts
  int depth_ = 0;
  Member member_ = Member::kOther;
  unsigned root_seen_ = 0, token_seen_ = 0;  // a bit a member
  bool twins_ = false;
  bool has_list_ = false, in_list_ = false, in_token_ = false;
  bool continuation_good_ = true;
  bool id_good_ = false, from_good_ = false, to_good_ = false;
  bool accounts_good_ = false, in_accounts_ = false;
  AuthorizationId only_account_;  // the last of the list that is being read
};

}  // namespace

// `write_some(false, ...)`: this is all there is. Accepted only if every byte
// was used: what follows a document is not a part of it.
absl::StatusOr<TokenPage> ParsePage(std::string_view body, TokenFilter filter) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<PageHandler> parser(options, filter);
  json::error_code error;
  if (body.size() <= kMaxBody) {
    const size_t used =
        parser.write_some(false, body.data(), body.size(), error);
    if (!error && used == body.size()) return parser.handler().Take();
  }
  // Not JSON, or too large: the answer of a handler that saw nothing.
  return PageHandler(filter).Take();
}

}  // namespace patform::azure_devops
