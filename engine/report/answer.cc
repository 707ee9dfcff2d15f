#include "engine/report/answer.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "engine/base/strings.h"
#include "engine/model/json_fields.h"
#include "engine/report/json_line.h"

namespace patform {

struct Answer::Object {
  boost::json::object value;
};

Answer::Answer() : object_(std::make_shared<Object>()) {}

Answer& Answer::Text(const char* key, std::string_view text) {
  object_->value[key] = boost::json::string(ToUtf8(text));
  return *this;
}

Answer& Answer::TextOrNull(const char* key, const std::string& text) {
  object_->value[key] = patform::TextOrNull(ToUtf8(text));
  return *this;
}

Answer& Answer::Number(const char* key, int64_t number) {
  object_->value[key] = number;
  return *this;
}

Answer& Answer::Flag(const char* key, bool flag) {
  object_->value[key] = flag;
  return *this;
}

Answer& Answer::Texts(const char* key, const std::vector<std::string>& texts) {
  object_->value[key] = TextsJson(texts);
  return *this;
}

Answer& Answer::List(const char* key, const std::vector<Answer>& answers) {
  boost::json::array list;
  for (const Answer& answer : answers) list.push_back(answer.object_->value);
  object_->value[key] = std::move(list);
  return *this;
}

std::string Answer::Line() const { return JsonLine(object_->value); }

Answer AnswerOf(const Diagnostic& diagnostic) {
  Answer answer;
  answer.Text("severity", Word(diagnostic.severity))
      .Text("summary", diagnostic.summary)
      .TextOrNull("detail", diagnostic.detail)
      .TextOrNull("file", diagnostic.where.file)
      .Number("line", diagnostic.where.line)
      .Number("column", diagnostic.where.column);
  return answer;
}

}  // namespace patform
