#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patform {

// A set of scopes in canonical form: sorted, each once, spaces and commas
// between them folded. The service keeps the order it was sent; two lists that
// hold the same scopes are equal here.
class ScopeSet {
 public:
  ScopeSet() = default;
  // From scopes separated by spaces or commas, as the service and people write.
  static ScopeSet Parse(std::string_view text);
  static ScopeSet Of(const std::vector<std::string>& scopes);

  bool empty() const { return text_.empty(); }
  bool Contains(std::string_view scope) const;
  // Sorted. The views live as long as this set.
  std::vector<std::string_view> items() const;
  // What the service is sent: separated by one space.
  const std::string& text() const { return text_; }

  // In this set and not in `other`.
  ScopeSet Without(const ScopeSet& other) const;

  friend bool operator==(const ScopeSet&, const ScopeSet&) = default;

 private:
  // One string, not a vector: a hundred thousand of these are in memory.
  std::string text_;
};

}  // namespace patform
