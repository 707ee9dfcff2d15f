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

struct AppendSetting {
  std::string& text;
  void operator()(const std::string& value) const { Append(text, value); }
  void operator()(int64_t value) const { Append(text, absl::StrCat(value)); }
  void operator()(bool value) const { Append(text, value ? "yes" : "no"); }
  void operator()(const std::vector<std::string>& values) const {
    Append(text, absl::StrCat(values.size()));
    for (const std::string& value : values) Append(text, value);
  }
};

std::string Print(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t number = 0;
  for (char c : Sha256(text).substr(0, 15)) {
    number = number * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  std::string print;
  for (size_t i = 0; i < kPlacesLength; ++i, number /= 36) {
    print += kDigits[number % 36];
  }
  return print;
}

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
  if (places.size() > 1) std::sort(places.begin() + 1, places.end());
  std::string text;
  for (const std::string& place : places) Append(text, place);
  return Print(text);
}

void PrintSinks(const std::string& machine, DesiredState& desired) {
  for (SinkConfig& sink : desired.sinks) {
    std::string text;
    Append(text, sink.type);
    if (sink.type == "file" || sink.type == "dotenv") Append(text, machine);
    for (const auto& [key, value] : sink.settings) {
      Append(text, key);
      std::visit(AppendSetting{text}, value);
    }
    sink.print = Print(text);
  }
}

std::string NonceFor(std::string nonce, const std::string& places) {
  if (nonce.size() <= places.size()) return nonce;
  return nonce.replace(nonce.size() - places.size(), places.size(), places);
}

}  // namespace patform
