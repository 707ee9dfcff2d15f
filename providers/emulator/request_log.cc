#include "providers/emulator/request_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

// The last ones; the counts cover all of them.
constexpr size_t kKept = 1000;
// A client may send 32 KB of it.
constexpr size_t kMaxTarget = 2000;

}  // namespace

void RequestLog::Add(Entry entry) {
  ++counts_[entry.operation];
  if (entry.target.size() > kMaxTarget) entry.target.resize(kMaxTarget);
  last_.push_back(std::move(entry));
  if (last_.size() > kKept) last_.pop_front();
}

void RequestLog::Clear() {
  counts_.clear();
  last_.clear();
}

std::string RequestLog::ToJson(int64_t connections) const {
  std::string out = absl::StrCat(R"({"connections_accepted":)", connections,
                                 R"(,"counts":{)");
  for (const auto& [operation, count] : counts_) {
    if (out.back() != '{') out += ',';
    AppendJson(out, operation);
    absl::StrAppend(&out, ":", count);
  }
  out += R"(},"requests":[)";
  for (const Entry& entry : last_) {
    if (out.back() != '[') out += ',';
    out += R"({"operation":)";
    AppendJson(out, entry.operation);
    out += R"(,"method":)";
    AppendJson(out, entry.method);
    out += R"(,"target":)";
    AppendJson(out, entry.target);
    absl::StrAppend(&out, R"(,"status":)", entry.status, R"(,"connection":)",
                    entry.connection, "}");
  }
  return out + "]}";
}

}  // namespace patform::emulator
