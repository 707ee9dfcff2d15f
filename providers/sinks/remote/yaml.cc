#include "providers/sinks/remote/yaml.h"

#include <string.h>
#include <yaml.h>

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

// Over the events of libyaml: they come one by one, so that limits hold before
// anything is built, and its buffers can be wiped, which the trees of other
// libraries do not allow.
namespace patform::sinks {
namespace {

// A kubeconfig has six levels, and some ten values for each cluster.
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 100000;
constexpr size_t kMaxName = 1024;
constexpr size_t kMaxMembers = 1000;  // of one map; its names are compared

// `line` is from 0, as libyaml counts; people count from 1.
absl::Status At(size_t line, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line + 1, ": ", std::string(why)));
}

// One event; its text is wiped with it.
class Event {
 public:
  Event() { memset(&event_, 0, sizeof(event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() {
    if (event_.type == YAML_SCALAR_EVENT) {
      explicit_bzero(event_.data.scalar.value, event_.data.scalar.length);
    }
    yaml_event_delete(&event_);
  }
  yaml_event_t* get() { return &event_; }
  yaml_event_type_t type() const { return event_.type; }
  size_t line() const { return event_.start_mark.line; }
  std::string_view text() const {
    return std::string_view(
        reinterpret_cast<const char*>(event_.data.scalar.value),
        event_.data.scalar.length);
  }
  bool plain() const {
    return event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  }
  // Has an anchor or a tag, or is an alias: a document of a few lines can name
  // the same part a billion times, and a tag may ask for any type.
  bool decorated() const {
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        return event_.data.scalar.anchor != nullptr ||
               event_.data.scalar.tag != nullptr;
      case YAML_SEQUENCE_START_EVENT:
        return event_.data.sequence_start.anchor != nullptr ||
               event_.data.sequence_start.tag != nullptr;
      case YAML_MAPPING_START_EVENT:
        return event_.data.mapping_start.anchor != nullptr ||
               event_.data.mapping_start.tag != nullptr;
      default:
        return event_.type == YAML_ALIAS_EVENT;
    }
  }

 private:
  yaml_event_t event_;
};

// Events into nodes. Recursive, as deep as kMaxDepth allows.
class Reader {
 public:
  explicit Reader(std::string_view text) {
    good_ = yaml_parser_initialize(&parser_) == 1;
    if (!good_) return;
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()),
        text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (!good_) return;
    // What it has read ahead, before it is given back: the whole of a usual
    // file. Scalars are
    // wiped with their events.
    explicit_bzero(parser_.raw_buffer.start,
                   parser_.raw_buffer.end - parser_.raw_buffer.start);
    explicit_bzero(parser_.buffer.start,
                   parser_.buffer.end - parser_.buffer.start);
    yaml_parser_delete(&parser_);
  }

  // What is behind the document is looked at, too: of two documents another
  // reader might take the second.
  absl::StatusOr<YamlNode> Document() {
    if (!good_) return absl::ResourceExhaustedError("no memory");
    PATFORM_RETURN_IF_ERROR(Expect(YAML_STREAM_START_EVENT));
    Event begin;
    PATFORM_RETURN_IF_ERROR(Next(begin));
    // Comments alone are nothing, too.
    if (begin.type() == YAML_STREAM_END_EVENT) {
      return absl::InvalidArgumentError("it is empty");
    }
    Event first;
    PATFORM_RETURN_IF_ERROR(Next(first));
    PATFORM_ASSIGN_OR_RETURN(YamlNode root, Node(first, 0));
    PATFORM_RETURN_IF_ERROR(Expect(YAML_DOCUMENT_END_EVENT));
    Event end;
    PATFORM_RETURN_IF_ERROR(Next(end));
    if (end.type() == YAML_STREAM_END_EVENT) return root;
    return At(end.line(), "a second document begins");
  }

 private:
  // After an error the parser must not be asked again; every caller returns.
  absl::Status Next(Event& event) {
    if (yaml_parser_parse(&parser_, event.get()) == 1) return absl::OkStatus();
    // `problem` is one of the library's own texts.
    return At(parser_.problem_mark.line,
              parser_.problem == nullptr ? "not YAML" : parser_.problem);
  }

  // For the frame around a document.
  absl::Status Expect(yaml_event_type_t type) {
    Event event;
    PATFORM_RETURN_IF_ERROR(Next(event));
    return event.type() == type ? absl::OkStatus()
                                : At(event.line(), "not YAML");
  }

  // The limits are checked before anything of the value is kept.
  absl::StatusOr<YamlNode> Node(const Event& event, int depth) {
    if (event.decorated()) {
      return At(event.line(), "anchors, aliases and tags are not supported");
    }
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes) {
      return At(event.line(), "more than patform accepts");
    }
    YamlNode node;
    node.line = static_cast<int>(event.line()) + 1;
    switch (event.type()) {
      case YAML_SCALAR_EVENT: {
        const std::string_view text = event.text();
        node.text = Secret(text);
        // The words of YAML 1.2; in quotes they are texts.
        node.null = event.plain() && (text.empty() || text == "~" ||
                                      text == "null" || text == "Null");
        return node;
      }
      case YAML_SEQUENCE_START_EVENT:
        node.kind = YamlNode::Kind::kList;
        PATFORM_RETURN_IF_ERROR(Items(node, depth));
        return node;
      case YAML_MAPPING_START_EVENT:
        node.kind = YamlNode::Kind::kMap;
        PATFORM_RETURN_IF_ERROR(Members(node, depth));
        return node;
      default:
        return At(event.line(), "not YAML");
    }
  }

  absl::Status Items(YamlNode& list, int depth) {
    for (;;) {
      Event event;
      PATFORM_RETURN_IF_ERROR(Next(event));
      if (event.type() == YAML_SEQUENCE_END_EVENT) return absl::OkStatus();
      PATFORM_ASSIGN_OR_RETURN(YamlNode item, Node(event, depth + 1));
      list.items.push_back(std::move(item));
    }
  }

  // Names are short texts. YAML allows any value as a name, and a merge key
  // that brings in members from elsewhere: no kubeconfig has either.
  absl::Status Members(YamlNode& map, int depth) {
    for (;;) {
      Event event;
      PATFORM_RETURN_IF_ERROR(Next(event));
      if (event.type() == YAML_MAPPING_END_EVENT) return absl::OkStatus();
      if (event.type() != YAML_SCALAR_EVENT || event.decorated() ||
          event.text() == "<<" || event.text().size() > kMaxName ||
          map.names.size() >= kMaxMembers) {
        return At(event.line(), "not the name of a member, or one too many");
      }
      std::string name(event.text());
      // Readers differ in which of the two they take.
      if (absl::c_linear_search(map.names, name)) {
        return At(event.line(), "a name is there twice");
      }
      Event value;
      PATFORM_RETURN_IF_ERROR(Next(value));
      PATFORM_ASSIGN_OR_RETURN(YamlNode node, Node(value, depth + 1));
      map.names.push_back(std::move(name));
      map.items.push_back(std::move(node));
    }
  }

  yaml_parser_t parser_;
  bool good_ = false;
  int nodes_ = 0;
};

}  // namespace

// Linear: maps of a kubeconfig have ten members, lists hold the rest.
const YamlNode* YamlNode::Find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return items[i].null ? nullptr : &items[i];
  }
  return nullptr;
}

std::string YamlNode::Text(std::string_view name) const {
  const YamlNode* found = Find(name);
  return found == nullptr ? "" : std::string(found->text.Reveal());
}

Secret YamlNode::Hidden(std::string_view name) const {
  const YamlNode* found = Find(name);
  return found == nullptr ? Secret() : found->text.Clone();
}

absl::StatusOr<YamlNode> ReadYaml(const Secret& text) {
  // libyaml ends the program over a null pointer.
  if (text.empty()) return absl::InvalidArgumentError("it is empty");
  return Reader(text.Reveal()).Document();
}

}  // namespace patform::sinks
