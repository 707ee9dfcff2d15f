#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "providers/sinks/local/template_text.h"
#include "providers/sinks/row.h"

// The sink type "template": a file as a program reads it, .npmrc or
// settings.xml, made from a template in the repository with the secret in it
// (template_text.h). The file and the record beside it are those of the sink
// type "file" in every respect: this one only makes what they contain.
//
// The template is a part of the configuration: it is read and checked with it,
// and a plan names its digest. Another one is used from the next delivery on.
namespace patform::sinks {

class TemplateSink : public SecretSink {
 public:
  struct Options {
    std::string text;  // the template
    TextFormat format = TextFormat::kPlain;
  };

  // kInvalidArgument: there is no such format, or the template has a fault.
  static absl::StatusOr<Options> OptionsOf(const SinkConfig& config);

  TemplateSink(Root root, FileSink::Options file, Options options)
      : file_(std::move(root), file), options_(std::move(options)) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;
  void Tidy(absl::Span<const Delivery* const> places,
            Deadline deadline) override;

 private:
  FileSink file_;
  const Options options_;
};

Row TemplateRow();

}  // namespace patform::sinks
