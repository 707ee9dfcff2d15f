#include "engine/inquiry/served_until.h"

namespace patform {

std::optional<absl::Time> ServedUntil(const TokenStatus& token) {
  if (token.unrenewed) return token.unrenewed->ends;
  std::optional<absl::Time> first;
  for (const GenerationStatus& row : token.generations) {
    switch (row.state) {
      case GenerationState::kCurrent:
      case GenerationState::kWatched:
      case GenerationState::kPartlyDelivered:
      case GenerationState::kUnknown:
      case GenerationState::kExpired:
        if (row.valid_to && (!first || *row.valid_to < *first)) {
          first = row.valid_to;
        }
        break;
      default:
        break;
    }
  }
  return first == absl::InfiniteFuture() ? std::nullopt : first;
}

}  // namespace patform
