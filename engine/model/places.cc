#include "engine/model/places.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"

namespace patform {
namespace {

// Each part after its length: no two lists of parts are one text.
void Append(std::string& text, const std::string& part) {
  absl::StrAppend(&text, part.size(), ":", part);
}

// Numbers, flags and lists, each as text that no other value has.
struct AppendSetting {
  std::string& text;
  void operator()(const std::string& value) const { Append(text, value); }
  void operator()(int64_t value) const { Append(text, absl::StrCat(value)); }
  void operator()(bool value) const { Append(text, value ? "yes" : "no"); }
  void operator()(const std::vector<std::string>& values) const {
    // How many, or two lists beside each other could be read as one.
    Append(text, absl::StrCat(values.size()));
    for (const std::string& value : values) Append(text, value);
  }
};

// A fingerprint: kPlacesLength characters of base 36, as many as the nonce of a
// mark can spare.
std::string Print(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t number = 0;
  // 60 bits of the digest.
  for (char c : Sha256(text).substr(0, 15)) {
    number = number * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  std::string print;
  for (size_t i = 0; i < kPlacesLength; ++i, number /= 36) {
    print += kDigits[number % 36];
  }
  return print;
}

// A place as what it is (type and settings of its sink, address below it), so
// that a sink may be renamed without becoming another one.
std::string Described(const DesiredState& desired, const Delivery& place) {
  std::string text;
  const SinkConfig* const sink = desired.FindSink(place.sink);
  if (sink != nullptr) Append(text, sink->print);
  Append(text, place.Address());
  return text;
}

}  // namespace

std::string PlacesPrint(const DesiredState& desired,
                        const std::vector<Delivery>& deliver) {
  std::vector<std::string> places;
  for (const Delivery& place : deliver) {
    places.push_back(Described(desired, place));
  }
  // The first one is the primary, and its position matters; the order of the
  // others does not.
  if (places.size() > 1) std::sort(places.begin() + 1, places.end());
  std::string text;
  for (const std::string& place : places) Append(text, place);
  return Print(text);
}

const std::string& LazyPlaces::print() const {
  if (print_.empty() && desired_ != nullptr) {
    print_ = PlacesPrint(*desired_, *deliver_);
  }
  return print_;
}

// Before any plan: marks are compared by these prints.
void PrintSinks(const std::string& machine, DesiredState& desired) {
  for (SinkConfig& sink : desired.sinks) {
    std::string text;
    Append(text, sink.type);
    // The same path on two machines is two places.
    if (sink.reach == Reach::kThisMachine) Append(text, machine);
    for (const auto& [key, value] : sink.settings) {
      Append(text, key);
      std::visit(AppendSetting{text}, value);
    }
    sink.print = Print(text);
  }
}

// The end of the nonce shows for which places a token was minted, so that
// another version of the file sees that it may still be on its way. What is
// left of it is random.
std::string NonceFor(std::string nonce, const std::string& places) {
  if (nonce.size() <= places.size()) return nonce;
  return nonce.replace(nonce.size() - places.size(), places.size(), places);
}

}  // namespace patform
