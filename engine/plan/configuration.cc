#include "engine/plan/configuration.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

std::string Word(bool value) { return value ? "true" : "false"; }

// Exact, unlike FormatSpan.
std::string Span(absl::Duration span) {
  constexpr absl::Duration kDay = absl::Hours(24);
  absl::Duration rest;
  const int64_t days = absl::IDivDuration(span, kDay, &rest);
  if (days > 0 && rest == absl::ZeroDuration()) return absl::StrCat(days, "d");
  return absl::FormatDuration(span);
}

// With lengths: no two lists come to the same text.
std::string List(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    absl::StrAppend(&text, item.size(), ":", item, ";");
  }
  return text;
}

std::string Text(const SettingValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return absl::StrCat(*number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) return Word(*flag);
  return List(std::get<std::vector<std::string>>(value));
}

std::string Fingerprint(const std::string& text) {
  // Whole: whoever writes a configuration may look for two that come to the
  // same fingerprint, and half of one is found in hours.
  return absl::StrCat("fingerprint ", Sha256(text));
}

std::map<std::string, std::string> Settings(
    const std::string& kind, const std::map<std::string, SettingValue>& written,
    const std::string& filled_in) {
  std::map<std::string, std::string> fields = {{"type", kind}};
  if (!filled_in.empty()) {
    fields["environment"] = absl::StrCat("fingerprint ", filled_in);
  }
  for (const auto& [key, value] : written) {
    fields[key] = Fingerprint(absl::StrCat(value.index(), ":", Text(value)));
  }
  return fields;
}

std::string Places(const std::vector<Delivery>& deliver) {
  return absl::StrJoin(
      deliver, ", ", [](std::string* out, const Delivery& place) {
        absl::StrAppend(out, place.Address());
        if (place.encoding != Encoding::kRaw) {
          absl::StrAppend(out, " (", Name(place.encoding), ")");
        }
        if (place.adopt) absl::StrAppend(out, " (adopt)");
      });
}

}  // namespace

std::map<std::string, std::string> DescribeToken(const DesiredToken& token) {
  const auto& [name, scopes, lifetime, expires, rotate_before, renewal, grace,
               deliver, owner, purpose, renamed_from, replaces, organization,
               labels, prevent_revoke, all_organizations, ensure, where,
               scopes_where] = token;
  constexpr const char* kEnsure[] = {"present", "absent", "released"};
  std::map<std::string, std::string> fields;
  fields["name"] = name;
  fields["scopes"] = scopes.text();
  if (expires) {
    fields["expires"] = FormatInstant(*expires);
  } else {
    fields["lifetime"] = Span(lifetime);
  }
  fields["rotate_before"] = rotate_before.span
                                ? Span(*rotate_before.span)
                                : absl::StrCat(rotate_before.share * 100, "%");
  fields["renewal"] = renewal == Renewal::kExtend ? "extend" : "rotate";
  fields["grace"] = Span(grace);
  fields["deliver"] = Places(deliver);
  fields["owner"] = owner;
  fields["purpose"] = purpose;
  fields["renamed_from"] = renamed_from;
  fields["replaces"] = absl::StrJoin(
      replaces, ", ", [](std::string* out, const AuthorizationId& id) {
        absl::StrAppend(out, id.ToString());
      });
  fields["organization"] = organization;
  fields["labels"] =
      absl::StrJoin(labels, ", ", [](std::string* out, const auto& label) {
        absl::StrAppend(out, label.first, "=\"", label.second, "\"");
      });
  fields["prevent_revoke"] = Word(prevent_revoke);
  fields["all_organizations"] = Word(all_organizations);
  fields["ensure"] = kEnsure[static_cast<int>(ensure)];
  // What is not said needs no line.
  std::erase_if(fields, [](const auto& field) {
    return field.second.empty() && field.first != "deliver";
  });
  return fields;
}

std::string SinkFingerprint(const SinkConfig& sink) {
  std::string text;
  for (const auto& [key, value] :
       Settings(sink.type, sink.written, sink.filled_in)) {
    absl::StrAppend(&text, key, "=", value, "\n");
  }
  return Fingerprint(text);
}

std::vector<ConfigurationEntry> DescribeConfiguration(
    const DesiredState& desired) {
  std::vector<ConfigurationEntry> entries;
  entries.push_back({"patform",
                     "",
                     {{"workspace", desired.workspace},
                      {"organization", desired.organization}},
                     {}});
  entries.push_back({"[auth]", "",
                     Settings(desired.auth.source, desired.auth.written,
                              desired.auth.filled_in),
                     desired.auth.where});
  entries.push_back(
      {"[policy]", "", desired.policy_written, desired.policy.where});
  for (const SinkConfig& sink : desired.sinks) {
    entries.push_back({absl::StrCat("[sink.", sink.name, "]"), "",
                       Settings(sink.type, sink.written, sink.filled_in),
                       sink.where});
  }
  for (const DesiredToken& token : desired.tokens) {
    entries.push_back({desired.AddressOf(token.name, token.organization),
                       token.organization, DescribeToken(token), token.where});
  }
  return entries;
}

}  // namespace patform
