#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"

namespace patform {

// What a command prints with --json where it has no document of its own in
// schemas/: one object on one line, its members in the order in which they are
// put in. Text of any kind may be in it.
class Answer {
 public:
  Answer();

  Answer& Text(const char* key, std::string_view text);
  // "": null.
  Answer& TextOrNull(const char* key, const std::string& text);
  Answer& Number(const char* key, int64_t number);
  Answer& Flag(const char* key, bool flag);
  Answer& Texts(const char* key, const std::vector<std::string>& texts);
  Answer& List(const char* key, const std::vector<Answer>& answers);

  std::string Line() const;

 private:
  struct Object;
  std::shared_ptr<Object> object_;
};

// severity, summary, detail, file, line, column
Answer AnswerOf(const Diagnostic& diagnostic);

}  // namespace patform
